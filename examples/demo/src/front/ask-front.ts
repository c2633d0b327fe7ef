import { type IncomingHttpHeaders, request } from 'node:http';
import type {} from '@entra-guard/express';
import { SignIn } from '../sign-in.js';
import { type FrontStage, hasNginx, setFrontStage } from './stage.js';

/** One request to an application behind the server, and what came of it. */
export interface Fronted {
  readonly who: string;
  /** `GET wiki.localhost/salaries` */
  readonly request: string;
  /** The status, and the code of a refusal. */
  readonly status: string;
  /** What the application received. */
  readonly behind: string;
  readonly asExpected: boolean;
}

/** What was asked of the server in front, and which it was. */
export interface FrontDay {
  /** `nginx`, or the decision service alone. */
  readonly by: 'nginx' | 'the decision service';
  readonly fronted: readonly Fronted[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Asks for pages and orders through the server in front.
 *
 * @param withNginx whether that is nginx. Default: if it is installed
 */
export async function askFront(withNginx: boolean = hasNginx()): Promise<FrontDay> {
  const stage = await setFrontStage(withNginx);
  try {
    const signIn = new SignIn(stage.entra);
    const ada = await signIn.user('ada', ['Orders.Read']);
    const alan = await signIn.user('alan', ['Orders.Read']);
    const job = await signIn.daemon('nightly-job');
    const rows: readonly [
      who: string,
      host: string,
      path: string,
      token: string | undefined,
      status: string,
      reaches: boolean,
    ][] = [
      ['anonymous', 'wiki', '/', undefined, '401 credentials_missing', false],
      ['ada', 'wiki', '/', ada, '200', true],
      ['ada', 'wiki', '/salaries/2026', ada, '403 role_missing', false],
      ['alan, auditor', 'wiki', '/salaries/2026', alan, '200', true],
      ['ada', 'wiki', '/x/..%2fsalaries/2026', ada, '400 path_not_canonical', false],
      ['anonymous', 'orders', '/health', undefined, '200', true],
      ['ada', 'orders', '/orders', ada, '200', true],
      ['nightly-job', 'orders', '/orders/export', job, '200', true],
      // The API behind judges as well: it has the same caller from the assertion.
      ['nightly-job', 'orders', '/orders', job, '403 scope_missing', true],
      ['anonymous', 'orders', '/orders', undefined, '401 credentials_missing', false],
    ];
    const fronted: Fronted[] = [];
    for (const [who, host, path, token, status, reaches] of rows) {
      const seen = await ask(stage, `${host}.localhost`, path, token);
      const found = [seen.status, codeIn(seen.body)].filter(Boolean).join(' ');
      const behind = reachedBehind(stage, host, found, reaches);
      // Without nginx the service says what nginx would do; the application is not asked.
      const expected = stage.nginx === undefined && reaches ? '200' : status;
      fronted.push({
        who,
        request: `GET ${host}.localhost${path}`,
        status: found,
        behind,
        asExpected: found === expected,
      });
    }
    return { by: stage.nginx === undefined ? 'the decision service' : 'nginx', fronted };
  } finally {
    await stage.close();
  }
}

function reachedBehind({ nginx, wiki }: FrontStage, host: string, found: string, reaches: boolean): string {
  if (nginx === undefined) return found === '200' ? 'would be asked' : 'would not be asked';
  if (host === 'wiki') return wiki.asked.splice(0).join(', ') || 'nothing';
  return reaches ? 'the assertion' : 'nothing';
}

/** Asks nginx; without it the service, as nginx does: `/check`, and `/refusal` for the answer to a refusal. */
async function ask(
  { nginx, service }: FrontStage,
  host: string,
  path: string,
  token: string | undefined,
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (nginx !== undefined) return get(nginx, path, { host, ...authorization });
  const headers = {
    ...authorization,
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': path,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'http',
    'x-forwarded-for': '127.0.0.1',
  };
  const checked = await get(service, '/check', headers);
  return checked.status === 200 ? checked : get(service, '/refusal', headers);
}

function get(origin: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // The path as it is: fetch would make another one of it.
    const outgoing = request({ ...addressOf(origin), path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
      response.on('error', reject);
    });
    outgoing.on('error', reject).end();
  });
}

function addressOf(origin: string) {
  const { hostname, port } = new URL(origin);
  return { hostname, port };
}

function codeIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { readonly code?: string }).code;
  } catch {
    return undefined;
  }
}

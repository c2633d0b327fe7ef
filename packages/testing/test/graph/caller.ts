import type { LocalEntra } from '@entra-guard/testing';
import { expect } from 'vitest';

export type Body = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** A client of Microsoft Graph, without a library. */
export class GraphCaller {
  readonly #entra: LocalEntra;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(entra: LocalEntra, headers: Readonly<Record<string, string>> = {}) {
    this.#entra = entra;
    this.#headers = headers;
  }

  get = (path: string) => this.send('GET', path);
  delete = (path: string) => this.send('DELETE', path);
  post = (path: string, body: unknown = {}) => this.send('POST', path, body);
  patch = (path: string, body: unknown) => this.send('PATCH', path, body);

  /** @param path below `/v1.0`, or a whole URL such as a link */
  async send(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await this.#entra.fetch(path.startsWith('http') ? path : `${this.#entra.graph}${path}`, {
      method,
      headers: { ...this.#headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const read = text === '' ? {} : (JSON.parse(text) as Body);
    return { status: answer.status, body: read, headers: answer.headers };
  }
}

/** An app with these application permissions. */
export function asApp(entra: LocalEntra, ...roles: readonly string[]): GraphCaller {
  return new GraphCaller(entra, entra.app('job', { api: 'graph', roles }).headers);
}

/** A user through an app with these scopes. */
export function asUser(entra: LocalEntra, name: string, scp: string): GraphCaller {
  return new GraphCaller(entra, entra.user(name, { api: 'graph', scp }).headers);
}

/** The list in an answer. */
export function listIn({ body }: Answered): readonly Body[] {
  return body.value as readonly Body[];
}

/** A refusal by its code. */
export const refused = (status: number, code: string, message: string | RegExp = '') => ({
  status,
  body: {
    error: {
      code,
      message: expect.stringMatching(message) as string,
      innerError: {
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/) as string,
        'request-id': expect.any(String) as string,
        'client-request-id': expect.any(String) as string,
      },
    },
  },
});

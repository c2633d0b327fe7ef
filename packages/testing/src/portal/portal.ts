import { randomBytes } from 'node:crypto';
import { ConfigurationError } from '@entra-guard/core';
import type { Call } from '../endpoints/call.js';
import { minted } from '../endpoints/mint.js';
import { MintRequestError, readMintRequest } from '../endpoints/mint-request.js';
import type { Route } from '../endpoints/route.js';
import { LocalEntraError } from '../error.js';
import { type Html, html } from '../pages/html.js';
import type { RequestRecord } from '../requests.js';
import { accessSection } from './access-page.js';
import { actions } from './actions.js';
import { AnsweredRequests } from './answered-requests.js';
import { appsSection } from './apps-page.js';
import { portalPage, type SectionPath } from './frame.js';
import { ForeignFormError, readOwnForm } from './own-form.js';
import { peopleSection } from './people-page.js';
import { requestsSection } from './requests-page.js';
import { issuedSection, tokenSection } from './token-page.js';

/** The portal of one local Entra: its addresses, and what tells it of requests. */
export interface Portal {
  readonly routes: readonly Route[];
  seen(record: RequestRecord, response: Response): Promise<void>;
}

/** Makes the portal: what the directory holds, and buttons for what an administrator does. */
export function createPortal(): Portal {
  const key = randomBytes(32).toString('base64url');
  const requests = new AnsweredRequests();
  const bodies: Readonly<Record<SectionPath, (call: Call) => Html>> = {
    '/portal': ({ entra }) => peopleSection(entra, key),
    '/portal/apps': ({ entra }) => appsSection(entra),
    '/portal/access': ({ entra }) => accessSection(entra, key),
    '/portal/token': ({ entra }) => tokenSection(entra, key),
    '/portal/requests': () => requestsSection(requests),
  };
  const shown = (call: Call, path: SectionPath, notice?: Html, status?: number) =>
    portalPage({ path, body: bodies[path](call), notice, ...(status === undefined ? {} : { status }) });
  const post = async (call: Call, path: SectionPath, answer: (form: URLSearchParams) => Response) => {
    try {
      return answer(await readOwnForm(call, key));
    } catch (error) {
      const [status, message] = refusalOf(error);
      return shown(call, path, html`${message}`, status);
    }
  };
  const act = async (call: Call) =>
    post(call, '/portal', (form) => {
      const name = form.get('action') ?? '';
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) return shown(call, '/portal', html`There is no action "${name}".`, 400);
      try {
        if (!action.run(call.entra, form.get('target') ?? '', form)) {
          return shown(call, action.path, html`There is no "${form.get('target') ?? ''}" any more.`, 404);
        }
      } catch (error) {
        const [status, message] = refusalOf(error);
        return shown(call, action.path, html`${message}`, status);
      }
      return new Response(null, {
        status: 303,
        headers: { location: `${action.path}?done=${name}`, 'cache-control': 'no-store' },
      });
    });
  const giveToken = async (call: Call) =>
    post(call, '/portal/token', (form) =>
      portalPage({
        path: '/portal/token',
        body: html`${issuedSection(minted(call.entra, readMintRequest(JSON.stringify(requestOf(form)))))}
<h2>Another token</h2>
${tokenSection(call.entra, key)}`,
      }),
    );
  const show = (call: Call) => {
    const done = call.url.searchParams.get('done') ?? '';
    const notice = Object.hasOwn(actions, done) ? html`${actions[done]?.done}` : undefined;
    return shown(call, call.url.pathname as SectionPath, notice);
  };
  return {
    seen: async (record, response) => requests.note(record, response),
    routes: [
      {
        what: 'other',
        path: /^\/$/,
        methods: ['GET'],
        answer: () => new Response(null, { status: 302, headers: { location: '/portal' } }),
      },
      {
        what: 'other',
        path: /^\/portal\/token$/,
        methods: ['GET', 'POST'],
        answer: (call) => (call.request.method === 'POST' ? giveToken(call) : show(call)),
      },
      { what: 'other', path: /^\/portal\/actions$/, methods: ['POST'], answer: act },
      { what: 'other', path: /^\/portal(?:\/(?:apps|access|requests))?$/, methods: ['GET'], answer: show },
    ],
  };
}

/** Makes the request to the mint endpoint from the form. */
function requestOf(form: URLSearchParams): Readonly<Record<string, unknown>> {
  const [kind = '', ...rest] = (form.get('who') ?? '').split(':');
  const name = rest.join(':');
  const member = kind === 'user' ? 'as' : kind;
  const permissions = (form.get('permissions') ?? '').split(' ').filter((one) => one !== '');
  const api = form.get('api') ?? '';
  return {
    [member]: name,
    ...(api === '' ? {} : { api }),
    ...(permissions.length === 0 ? {} : { [kind === 'user' ? 'scopes' : 'roles']: permissions }),
  };
}

function refusalOf(error: unknown): readonly [status: number, message: string] {
  if (error instanceof ForeignFormError) return [403, error.message];
  if (error instanceof MintRequestError || error instanceof LocalEntraError) return [400, error.message];
  if (error instanceof ConfigurationError) return [400, `${error.message} ${error.hint}`];
  throw error;
}

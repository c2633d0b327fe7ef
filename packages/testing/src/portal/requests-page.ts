import { type Html, html } from '../pages/html.js';
import type { AnsweredRequests } from './answered-requests.js';
import { table } from './frame.js';

/** Lists the latest requests for tokens, with claims and refusals. No token is shown: the claims are enough to read. */
export function requestsSection(requests: AnsweredRequests): Html {
  const rows = requests
    .list()
    .map(({ at, method, path, status, refusal, claims }) => [
      new Date(at).toISOString(),
      html`<code>${method} ${path}</code>`,
      String(status),
      claims === undefined
        ? html`${refusal}`
        : html`<details><summary>${summary(claims)}</summary><pre tabindex="0">${JSON.stringify(claims, undefined, 2)}</pre></details>`,
    ]);
  return table(
    'Requests for tokens',
    ['Time', 'Request', 'Status', 'Answer'],
    rows,
    'No token has been asked for yet.',
  );
}

/** Says in a line who got which permissions. */
function summary(claims: Readonly<Record<string, unknown>>): string {
  const { preferred_username: upn, upn: ownUpn, name, azp, appid, scp, roles } = claims;
  const who = [upn, ownUpn, name, azp, appid].find((one) => typeof one === 'string') ?? 'an app';
  const permissions = [scp, Array.isArray(roles) ? roles.join(' ') : undefined].filter(
    (one) => typeof one === 'string' && one !== '',
  );
  return `${String(who)}: ${permissions.length === 0 ? 'no permission' : permissions.join(', ')}`;
}

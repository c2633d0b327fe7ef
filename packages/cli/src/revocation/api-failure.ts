import { BadInputError } from '../bad-input.js';

/** What an API has answered. */
export interface ApiAnswer {
  readonly method: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** `undefined` for anything but JSON. */
  readonly body: unknown;
}

const PERMISSIONS: Readonly<Record<string, string>> = {
  POST: 'Revocations.Revoke.All',
  GET: 'Revocations.Read.All',
  DELETE: 'Revocations.Lift.All',
};
const NOT_THE_ROUTES =
  'Mount them in the API, app.use(revocationRoutes(guard)), and name what comes before /revocations in --api.';

/**
 * Says why the API has not done what was asked.
 *
 * @param id the record that was to be lifted
 */
export function failureOf(
  { method, status, location, retryAfter, body }: ApiAnswer,
  base: string,
  id?: string,
): BadInputError {
  const { code, detail } = Object(body) as { readonly code?: unknown; readonly detail?: unknown };
  const said = typeof detail === 'string' ? `: ${detail}` : '.';
  if (status >= 300 && status < 400) {
    return new BadInputError(
      `${base} redirects${location === undefined ? '' : ` to ${location}`}, and that is not followed, because the access token would go along.`,
      'Name the address of the API itself.',
    );
  }
  if (status === 401) {
    return new BadInputError(
      `${base} does not accept the access token (401)${said}`,
      `See why with: entra-guard explain - --client <the API's client ID>. Get a new one for the API's own scope, api://…/.default.`,
    );
  }
  if (status === 403 && code === 'target_not_allowed') {
    return new BadInputError(
      `${base} does not let this caller reach the target (403). Nothing has changed.`,
      'Callers reach their own tenant; those of operatorTenants reach all. tenant, everyone, and app and agent-blueprint without --tenant have to be named in allow: revocationRoutes(guard, { operatorTenants, allow }).',
    );
  }
  if (status === 403) {
    return new BadInputError(
      `${base} refuses the caller (403)${said}`,
      `It needs an application permission of the API, ${PERMISSIONS[method]} or Revocations.Manage.All, with admin consent, and a token of its own: delegated ones have none.`,
    );
  }
  if (status === 404 && id !== undefined && code === 'not_found') {
    return new BadInputError(
      `${base} has no revocation ${id} within reach of this caller.`,
      'Copy the ID from: entra-guard revocations list. A record that has ended or was lifted needs no lifting.',
    );
  }
  if (status === 400) {
    return new BadInputError(
      `${base} does not understand the request (400)${said}`,
      'Does it run another release of entra-guard? Nothing has changed.',
    );
  }
  if (status === 429) {
    return new BadInputError(
      `${base} has had too many requests of this caller (429).`,
      `Run the command again in ${retryAfter ?? 'a few'} seconds. To shut out many callers, revoke what they have in common.`,
    );
  }
  if (status >= 500) {
    return new BadInputError(
      `${base} can't do it now (${status})${said}`,
      'Look at the health of its revocations, and run the command again: the same is not revoked twice.',
    );
  }
  return new BadInputError(
    `${base} does not answer as the routes of revocations do (${status}).`,
    NOT_THE_ROUTES,
  );
}

import { type GraphApi, refusal } from './graph-api.js';
import { GraphFailure } from './graph-failure.js';

/** What Microsoft Graph says of a user. Times are milliseconds since the epoch. */
export type UserState =
  /** Deleted, softly or for good. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'disabled' }
  | {
      readonly kind: 'enabled';
      /** Sign-ins from before were revoked (`signInSessionsValidFromDateTime`). */
      readonly validFrom: number | undefined;
      readonly createdAt: number | undefined;
    };

export const PROPERTIES = 'id,accountEnabled,signInSessionsValidFromDateTime';

/**
 * Reads a user.
 *
 * @throws GraphFailure for everything that is not clearly one of the three states
 *
 * Source: https://learn.microsoft.com/graph/api/user-get
 */
export async function readUser(api: GraphApi, user: string): Promise<UserState> {
  const answer = await api.ask(`/users/${user}?$select=${PROPERTIES},createdDateTime`);
  if (answer.status === 404 && /ResourceNotFound$/i.test(answer.code ?? '')) return { kind: 'gone' };
  if (answer.status !== 200) throw refusal(answer, 'GET /users/{id}', 'User.Read.All');
  const { id, accountEnabled } = answer.body;
  if (typeof id !== 'string' || id.toLowerCase() !== user) throw unclear('id');
  if (typeof accountEnabled !== 'boolean') throw unclear('accountEnabled');
  if (!accountEnabled) return { kind: 'disabled' };
  return {
    kind: 'enabled',
    validFrom: timeIn(answer.body, 'signInSessionsValidFromDateTime'),
    createdAt: timeIn(answer.body, 'createdDateTime'),
  };
}

/** Reads a time; `undefined` where there is none. @throws GraphFailure for anything but a time */
export function timeIn(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const time =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw unclear(name);
  return time;
}

/** The failure for an answer in which something is missing or of another form. */
export function unclear(name: string): GraphFailure {
  return new GraphFailure(`The answer of Microsoft Graph has no ${name} of the documented form.`, {
    status: 200,
  });
}

import type { ServerResponse } from 'node:http';
import type { Request } from 'express';

/** The headers of one refusal, and how it is known that it was the answer. */
interface Pending {
  readonly statuses: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  /** Whom others had found in the request until then. */
  readonly users: readonly unknown[];
}

/** What `passport.authenticate` was told of the places of users. */
export interface UserPlaces {
  /** Instead of `req.user`. */
  readonly assignProperty?: unknown;
  /** Says it in the words of `AuthGuard`. */
  readonly property?: unknown;
}

const pendingOf = new WeakMap<ServerResponse, Pending[]>();

/**
 * Gives the answer these headers if it is this refusal. Another strategy may let the request in after this one, as a
 * callback of the application's own may; so they are written with the answer itself, if its status is one of these and
 * no other strategy has found a user since.
 */
export function addWithRefusal(
  request: Request,
  places: UserPlaces,
  statuses: readonly number[],
  headers: Readonly<Record<string, string>>,
): void {
  // Express puts the response on its requests.
  const { res } = request;
  if (res === undefined || res.headersSent || typeof res.writeHead !== 'function') return;
  const one = { statuses, headers, users: usersIn(request, places) };
  const pending = pendingOf.get(res);
  if (pending !== undefined) {
    pending.push(one);
    return;
  }
  const all = [one];
  pendingOf.set(res, all);
  const writeHead = res.writeHead as (...given: unknown[]) => ServerResponse;
  const withHeaders = function (this: ServerResponse, ...given: unknown[]): ServerResponse {
    const answered = typeof given[0] === 'number' ? given[0] : this.statusCode;
    const now = usersIn(request, places);
    for (const { statuses: its, headers: theirs, users } of all) {
      if (its.includes(answered) && same(users, now)) add(this, theirs);
    }
    return Reflect.apply(writeHead, this, given);
  };
  res.writeHead = withHeaders as typeof res.writeHead;
}

function usersIn(request: object, { assignProperty, property }: UserPlaces): readonly unknown[] {
  return ['user', assignProperty, property].map((name) =>
    typeof name === 'string' ? (request as Readonly<Record<string, unknown>>)[name] : undefined,
  );
}

function same(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.every((user, index) => user === now[index]);
}

/** What the application has written itself stays as it is. */
function add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) {
    if (!response.hasHeader(name)) response.setHeader(name, value);
  }
}

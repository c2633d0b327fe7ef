import type { ServerResponse } from 'node:http';
import type { Request } from 'express';

/** The headers of one refusal, and the state that shows whether the response is this refusal. */
interface Pending {
  readonly statuses: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  /** The users that other strategies had set on the request before. */
  readonly users: readonly unknown[];
}

/** The options of `passport.authenticate` for where the user is set. */
export interface UserPlaces {
  /** Name of the property in place of `user`. */
  readonly assignProperty?: unknown;
  /** Like `assignProperty`, for `AuthGuard` of @nestjs/passport. */
  readonly property?: unknown;
}

const pendingOf = new WeakMap<ServerResponse, Pending[]>();

/**
 * Adds headers to the response if it is this refusal. After this strategy another one, or the application's callback, may
 * still let the request in. So the headers are written with the response, if it has one of these statuses and no other
 * strategy has found a user since.
 */
export function addWithRefusal(
  request: Request,
  places: UserPlaces,
  statuses: readonly number[],
  headers: Readonly<Record<string, string>>,
): void {
  // Express sets `res` on its requests.
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

/** Adds headers, except those that the application has set. */
function add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) {
    if (!response.hasHeader(name)) response.setHeader(name, value);
  }
}

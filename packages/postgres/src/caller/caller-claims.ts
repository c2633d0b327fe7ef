import { AuthContext, ConfigurationError } from '@entra-guard/core';

/** The version of what the setting holds. The SQL functions refuse every other one. */
const VERSION = 1;

/**
 * Returns what the database is told about a caller, as JSON: the members of `who` in audit events, the scopes and the roles. Names and
 * mail addresses are left out. No caller is `{ "v": 1, "kind": "anonymous" }`.
 *
 * @param what the function that was given the caller, for errors
 * @throws ConfigurationError for what is not a caller, such as a copy of one
 */
export function callerClaims(what: string, auth: AuthContext | undefined): string {
  if (auth === undefined) return json([['kind', 'anonymous']]);
  if (!AuthContext.is(auth)) throw notACaller(what, auth);
  const { kind, tenantId, objectId, clientId, subjectKey, agent, scopes, roles } = auth;
  // An application may derive a class of its own, whose members may be anything.
  if (kind !== 'user' && kind !== 'app') throw unusable(what, 'kind');
  return json([
    ['kind', kind],
    ['tenantId', text(what, 'tenantId', tenantId)],
    ['objectId', objectId === undefined ? undefined : text(what, 'objectId', objectId)],
    ['clientId', text(what, 'clientId', clientId)],
    ['subjectKey', text(what, 'subjectKey', subjectKey)],
    ['agent', agent === undefined ? undefined : agentFacts(what, agent)],
    ['scopes', texts(what, 'scopes', scopes)],
    ['roles', texts(what, 'roles', roles)],
  ]);
}

/** JSON that is written already. */
interface Written {
  readonly json: string;
}

type Value = string | boolean | undefined | Written;

/** Writes an object member by member: `JSON.stringify` calls a `toJSON` that other code put on `Object.prototype`. */
function json(members: readonly (readonly [name: string, value: Value])[]): string {
  return `{"v":${VERSION}${members.map(([name, value]) => (value === undefined ? '' : `,"${name}":${written(value)}`)).join('')}}`;
}

function written(value: string | boolean | Written): string {
  return typeof value === 'object' ? value.json : JSON.stringify(value);
}

function agentFacts(
  what: string,
  { actor, subject, blueprintId }: NonNullable<AuthContext['agent']>,
): Written {
  const members = [
    ['actor', known(what, 'agent.actor', actor)],
    ['subject', known(what, 'agent.subject', subject)],
    ['blueprintId', blueprintId === undefined ? undefined : text(what, 'agent.blueprintId', blueprintId)],
  ] as const;
  const present = members.filter(([, value]) => value !== undefined);
  return { json: `{${present.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}` };
}

function known(what: string, name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw unusable(what, name);
}

function text(what: string, name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unusable(what, name);
}

function texts(what: string, name: string, values: Iterable<unknown>): Written {
  const all: string[] = [];
  for (const value of values) {
    if (typeof value !== 'string') throw unusable(what, name);
    all.push(JSON.stringify(value));
  }
  return { json: `[${all.join(',')}]` };
}

function unusable(what: string, name: string): ConfigurationError {
  return new ConfigurationError(
    `${what} was given a caller whose ${name} can't be told to the database.`,
    'Have the class that extends AuthContext give every member as its type says.',
  );
}

function notACaller(what: string, value: unknown): ConfigurationError {
  if (value === null) {
    return new ConfigurationError(
      `${what} was given null instead of a caller.`,
      'Pass undefined where no caller is authenticated: the database is told so.',
    );
  }
  return new ConfigurationError(
    `${what} was given ${looksLikeOne(value) ? 'a copy of a caller, which any code could have written' : `${article(value)} instead of a caller`}.`,
    'Pass the very AuthContext that the guard gave: req.auth, @Auth(); or undefined where no caller is authenticated. For jobs: openCaller(text, ring). In tests: testAuth(...).',
  );
}

/** Whether a value looks like a caller that was cloned, spread or read from JSON. Only decides which error is shown. */
function looksLikeOne(value: unknown): boolean {
  return (
    typeof value === 'object' && typeof (value as { readonly subjectKey?: unknown }).subjectKey === 'string'
  );
}

function article(value: unknown): string {
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

import type { Resource } from './filter.js';
import { type GraphCall, ok } from './graph-call.js';
import { badRequest, GraphError, missing } from './graph-error.js';
import { contextOf, pageOf, picked, printed, selectedOf } from './query.js';
import { userResource, userShape } from './user-resource.js';
import { findById, listUsers } from './users-in-directory.js';

/** How long delta links of directory objects are valid (Graph: delta query overview). */
const validFor = 7 * 86_400_000;

/** One round of a delta query. Links hold all of it, so nothing is kept for them. */
interface Round {
  readonly instance: string;
  /** The version of the directory that the client knows; `undefined` in the first round, which lists everyone. */
  readonly since: number | undefined;
  /** The version when the round began. What changes later is in the next round. */
  readonly upTo: number;
  /** When the round began. Milliseconds since the epoch. */
  readonly at: number;
  readonly select: readonly string[] | undefined;
  /** The object ID that the page before ended with. Pages go by it, so that removals don't shift them. */
  readonly after: string;
}

/**
 * Answers `/users/delta`: first all users, and by the delta link what changed after that. Removed users are marked `@removed`.
 *
 * Source: https://learn.microsoft.com/graph/api/user-delta
 */
export function usersDelta(call: GraphCall): Response {
  const { options, base } = call;
  if (options.has('filter')) throw missing('query option "$filter" of users/delta');
  const round = roundOf(call);
  const context = { '@odata.context': `${contextOf(base, userShape, round.select)}/$delta` };
  const latest = options.get('deltatoken') === 'latest';
  const rest = latest ? [] : resourcesOf(call, round);
  const { value, next } = pageOf(rest, new Map([...options].filter(([name]) => name === 'top')));
  const last = value.at(-1);
  if (next !== undefined && last !== undefined) {
    const following = { ...round, after: String(last.id) };
    return ok({ ...context, '@odata.nextLink': link(call, '$skiptoken', following), value });
  }
  return ok({ ...context, '@odata.deltaLink': link(call, '$deltatoken', { ...round, after: '' }), value });
}

function roundOf(call: GraphCall): Round {
  const { entra, state, options } = call;
  const now = { instance: state.instance, upTo: entra.changes.version, at: entra.now(), after: '' };
  const skip = options.get('skiptoken');
  if (skip !== undefined) return readRound(skip, call);
  const delta = options.get('deltatoken');
  if (delta === undefined || delta === 'latest') {
    return { ...now, since: undefined, select: selectedOf(options, userShape) };
  }
  const { upTo, select } = readRound(delta, call);
  return { ...now, since: upTo, select };
}

/** Lists what is left of a round, by object ID. */
function resourcesOf({ entra, state }: GraphCall, { since, select, after }: Round): readonly Resource[] {
  const shown = (id: string): Resource => {
    if (entra.accounts.of(id).removed) return { id, '@removed': { reason: 'changed' } };
    const user = findById(entra, id);
    return user === undefined ? { id } : picked(userResource(entra, state, user), select, userShape);
  };
  const ids =
    since === undefined
      ? listUsers(entra).map(({ oid }) => oid)
      : entra.changes.since('users', since).map(({ id }) => id);
  return ids
    .filter((id) => id > after)
    .sort()
    .map(shown);
}

function link({ base, options }: GraphCall, name: '$skiptoken' | '$deltatoken', round: Round): string {
  const url = new URL(`${base}/users/delta`);
  const top = options.get('top');
  if (top !== undefined && name === '$skiptoken') url.searchParams.set('$top', top);
  url.searchParams.set(name, Buffer.from(JSON.stringify(round)).toString('base64url'));
  return printed(url);
}

/**
 * Reads a link's token.
 * @throws {GraphError} 410 for one that expired or is of another local Entra: synchronize again from the start
 */
function readRound(text: string, { state, entra, base }: GraphCall): Round {
  const round = parsed(text);
  if (round === undefined) throw badRequest('Badly formed token.', 'BadRequest');
  if (round.instance === state.instance && entra.now() - round.at < validFor) return round;
  const why =
    round.instance === state.instance
      ? `The delta token is expired: it was made on ${new Date(round.at).toISOString()} and is valid for 7 days.`
      : 'The delta token was made before this local Entra started.';
  throw new GraphError(
    410,
    'syncStateNotFound',
    `The sync state generation is not found. ${why} Data must be synchronized again.`,
    { location: `${base}/users/delta` },
  );
}

function parsed(text: string): Round | undefined {
  try {
    const read = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<Round> | null;
    const { instance, since, upTo, at, select, after } = read ?? {};
    const isSelect =
      select === undefined ||
      (Array.isArray(select) && select.every((one) => userShape.properties.includes(one)));
    const isSince = since === undefined || Number.isInteger(since);
    if (typeof instance !== 'string' || typeof at !== 'number' || typeof after !== 'string') return undefined;
    if (!Number.isInteger(upTo) || !isSince || !isSelect) return undefined;
    return { instance, since, upTo: upTo as number, at, select, after };
  } catch {
    return undefined;
  }
}

import { type RequirementNode, requirementFromJSON } from '@entra-guard/core';

/**
 * One way to satisfy a requirement: everything that a caller must bring, as texts. `user` and `app` say of which kind the caller is;
 * none of the two is a caller without a token.
 */
export type Alternative = ReadonlySet<string>;

/** More ways than a person reads. A requirement with more is compared as a whole. */
const MOST = 2000;

/** What a caller without a token brings. */
export const ANYONE: Alternative = new Set();

/**
 * Lists the ways in which callers can satisfy a requirement, as the core judges it. A caller who brings more also satisfies it. Where
 * what two narrowings let in can't be compared, each is a text of its own, so that none is taken for wider.
 *
 * @param at milliseconds since the epoch: which of the two requirements of a `tighten(...)` decides
 */
export function alternativesOf(node: RequirementNode, at: number): readonly Alternative[] {
  const list = waysOf(node, at);
  return widest(
    list === undefined ? [new Set(['user', printed(node)]), new Set(['app', printed(node)])] : list,
  );
}

/** `undefined` where there are too many. */
function waysOf(node: RequirementNode, at: number): readonly Alternative[] | undefined {
  if (node.kind === 'tighten') return waysOf(at < Date.parse(node.until) ? node.now : node.next, at);
  if (node.kind === 'anyOf') {
    const parts = node.of.map((part) => waysOf(part, at));
    const all = parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
    return all === undefined || all.length > MOST ? undefined : all;
  }
  if (node.kind !== 'allOf') return leafWays(node);
  let ways: readonly Alternative[] = [new Set<string>()];
  for (const part of node.of) {
    const more = waysOf(part, at);
    if (more === undefined || ways.length * more.length > MOST) return undefined;
    ways = ways.flatMap((one) => more.map((other) => new Set([...one, ...other])));
  }
  return ways.filter((way) => !(way.has('user') && way.has('app')));
}

function leafWays(node: RequirementNode): readonly Alternative[] {
  switch (node.kind) {
    case 'anonymous':
      return [ANYONE];
    case 'authenticated':
      return [
        new Set(['user']),
        new Set(node.unassignedApps ? ['app'] : ['app', 'an application permission']),
      ];
    case 'delegated':
      return [new Set(['user'])];
    case 'appOnly':
      return [new Set(['app'])];
    case 'scopes':
      return [new Set(['user', ...node.values.map((value) => `scopes('${value}')`)])];
    case 'anyScope':
      return node.values.map((value) => new Set(['user', `scopes('${value}')`]));
    case 'userRoles':
      return [new Set(['user', ...node.values.map((value) => `userRoles('${value}')`)])];
    case 'anyUserRole':
      return node.values.map((value) => new Set(['user', `userRoles('${value}')`]));
    case 'appPermissions':
      return [new Set(['app', HOLDS, ...node.values.map((value) => `appPermissions('${value}')`)])];
    case 'anyAppPermission':
      return node.values.map((value) => new Set(['app', HOLDS, `appPermissions('${value}')`]));
    case 'clients':
      return node.values.map((id) => new Set([`clients('${id}')`]));
    case 'inTenants':
      return node.values.map((id) => new Set([`inTenants('${id}')`]));
    case 'inGroups':
      return [new Set(['user', ...node.values.map((id) => `inGroups('${id}')`)])];
    case 'inAnyGroup':
      return node.values.map((id) => new Set(['user', `inGroups('${id}')`]));
    case 'withoutUserRoles':
      return [new Set(['user', ...node.values.map((value) => `withoutUserRoles('${value}')`)])];
    default:
      return [new Set([printed(node)])];
  }
}

const HOLDS = 'an application permission';

function printed(node: RequirementNode): string {
  return String(requirementFromJSON({ requirement: node }));
}

/** Whether every caller who satisfies one alternative satisfies the other. May miss cases; never claims a wrong one. */
export function covers(wide: Alternative, narrow: Alternative): boolean {
  return [...wide].every(
    (needed) => narrow.has(needed) || [...narrow].some((given) => implies(given, needed)),
  );
}

const SIGNED_IN = /^signedInWithin\('(\d+)([smhd])'\)$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A fresher sign-in is also one of those that may be older; members that are known to be, are also those that may not say. */
function implies(given: string, needed: string): boolean {
  const [a, b] = [SIGNED_IN.exec(given), SIGNED_IN.exec(needed)];
  if (a !== null && b !== null) return secondsOf(a) <= secondsOf(b);
  return needed.endsWith("({ unknown: 'allow' })") && given === needed.replace("{ unknown: 'allow' }", '');
}

const secondsOf = ([, count, unit]: RegExpExecArray): number =>
  Number(count) * (SECONDS[unit as string] ?? 1);

/** Without alternatives that another one covers. */
function widest(list: readonly Alternative[]): readonly Alternative[] {
  return list.filter(
    (one, index) =>
      !list.some(
        (other, position) => other !== one && covers(other, one) && (position < index || !covers(one, other)),
      ),
  );
}

/** The alternatives of `after` that no alternative of `before` covers: who is let in now and was not. */
export function gained(
  before: readonly Alternative[],
  after: readonly Alternative[],
): readonly Alternative[] {
  return after.filter((way) => !before.some((wide) => covers(wide, way)));
}

/** An alternative as people read it: `users with scopes('Orders.Read')`. */
export function inWords(way: Alternative): string {
  const facts = [...way].filter((fact) => fact !== 'user' && fact !== 'app');
  // Who holds a certain one holds one.
  const told = facts.some((fact) => fact.startsWith('appPermissions('))
    ? facts.filter((fact) => fact !== HOLDS)
    : facts;
  const who = way.has('user') ? 'users' : way.has('app') ? 'apps' : 'every caller';
  if (told.length > 0) return `${who} with ${told.sort(byText).join(' and ')}`;
  return who === 'every caller' ? 'every caller, without a token too' : `all ${who}`;
}

/** For texts without repetitions. */
export const byText = (a: string, b: string): number => (a < b ? -1 : 1);

import { sorted } from '../requirements/kinds/values.js';
import {
  isCombined,
  isNarrowing,
  kindOf,
  type LeafNode,
  leavesOf,
  type RequirementNode,
} from '../requirements/kinds.js';
import type { Requirement } from '../requirements/requirement.js';

/** One way to satisfy a requirement, as far as OpenAPI can say it: with a user's token or an app's own, and which scopes. */
export interface Alternative {
  readonly caller: 'user' | 'app';
  /** Short names; empty where any scope will do, and for apps, which ask for no single permission. */
  readonly scopes: readonly string[];
}

/** The alternatives of a grant. */
export interface Alternatives {
  /** Each once. Where there are too many to list, one for each kind of caller that may come, without scopes. */
  readonly list: readonly Alternative[];
  /** Whether all are listed. */
  readonly complete: boolean;
}

/** More than this many combinations tell a reader nothing. */
const MOST = 16;
/** More than this many are not worked out: they multiply. */
const MOST_ON_THE_WAY = 256;

/** What a requirement lets in, as far as OpenAPI can say it. Nothing is left out without a word. */
export function alternativesOf(node: RequirementNode): Alternatives {
  const all = ways(node);
  return all.list.length > MOST || !all.complete ? byCaller(all.list) : all;
}

function byCaller(list: readonly Alternative[]): Alternatives {
  return { list: distinct(list.map(({ caller }) => ({ caller, scopes: [] }))), complete: false };
}

/** Each once, scopes in order. */
function distinct(list: readonly Alternative[]): readonly Alternative[] {
  const found = new Map<string, Alternative>();
  for (const { caller, scopes } of list) {
    const inOrder = sorted(scopes);
    found.set(`${caller} ${inOrder.join(' ')}`, { caller, scopes: inOrder });
  }
  return [...found.values()];
}

function ofAll(list: readonly Alternative[], complete: boolean): Alternatives {
  const each = distinct(list);
  return complete && each.length <= MOST_ON_THE_WAY ? { list: each, complete } : byCaller(each);
}

const BOTH: readonly Alternative[] = [
  { caller: 'user', scopes: [] },
  { caller: 'app', scopes: [] },
];

function ways(node: RequirementNode): Alternatives {
  if (!isCombined(node)) return { list: waysOfOne(node), complete: true };
  if (node.kind === 'anyOf') {
    const parts = node.of.map(ways);
    return ofAll(
      parts.flatMap(({ list }) => list),
      parts.every(({ complete }) => complete),
    );
  }
  // Narrowings last: most of them allow either kind of caller.
  return [...node.of]
    .sort((a, b) => Number(isNarrowing(a)) - Number(isNarrowing(b)))
    .map(ways)
    .reduce(combined, { list: BOTH, complete: true });
}

function waysOfOne(node: LeafNode): readonly Alternative[] {
  const kind = kindOf(node);
  return BOTH.filter(({ caller }) => kind.callers === 'both' || kind.callers === caller).flatMap(
    ({ caller }) => kind.scopes(node).map((scopes) => ({ caller, scopes: sorted(scopes) })),
  );
}

function combined(left: Alternatives, right: Alternatives): Alternatives {
  const all = left.list.flatMap((one) =>
    right.list
      .filter(({ caller }) => caller === one.caller)
      .map(({ caller, scopes }) => ({ caller, scopes: [...one.scopes, ...scopes] })),
  );
  return ofAll(all, left.complete && right.complete);
}

/** Every scope that a requirement names, short names in order. */
export function scopesIn({ node }: Requirement): readonly string[] {
  return sorted(leavesOf(node).flatMap((leaf) => kindOf(leaf).scopes(leaf).flat()));
}

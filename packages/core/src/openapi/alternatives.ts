import { sorted } from '../requirements/kinds/values.js';
import {
  isLeaf,
  isNarrowing,
  kindOf,
  type LeafNode,
  leavesOf,
  partsIn,
  type RequirementNode,
} from '../requirements/kinds.js';
import type { Requirement } from '../requirements/requirement.js';
import { stageAt } from '../requirements/stages.js';

/** One way to satisfy a requirement, as far as OpenAPI can express it: the kind of caller and its scopes. */
export interface Alternative {
  readonly caller: 'user' | 'app';
  /** Short names. Empty if any scope is enough, and for apps, which can't ask for single permissions. */
  readonly scopes: readonly string[];
}

/** The alternative ways to satisfy a grant. */
export interface Alternatives {
  /** Each alternative once. If there are too many to list, one per kind of caller, without scopes. */
  readonly list: readonly Alternative[];
  /** Whether all alternatives are listed. */
  readonly complete: boolean;
}

/** Most listed alternatives. More would not help a reader. */
const MOST = 16;
/** Most alternatives that are computed on the way, because they multiply. */
const MOST_ON_THE_WAY = 256;

/**
 * Returns the alternatives of a requirement, as far as OpenAPI can express them. `complete` tells if some are left out. Of a
 * `tighten(...)`, those of the requirement that decides now.
 */
export function alternativesOf(node: RequirementNode): Alternatives {
  const all = ways(stageAt(node, Date.now()));
  return all.list.length > MOST || !all.complete ? byCaller(all.list) : all;
}

function byCaller(list: readonly Alternative[]): Alternatives {
  return { list: distinct(list.map(({ caller }) => ({ caller, scopes: [] }))), complete: false };
}

/** Removes duplicates, and sorts the scopes of each alternative. */
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
  if (isLeaf(node)) return { list: waysOfOne(node), complete: true };
  if (node.kind === 'whenAgent') return { list: BOTH, complete: true };
  if (node.kind === 'anyOf') {
    const parts = partsIn(node).map(ways);
    return ofAll(
      parts.flatMap(({ list }) => list),
      parts.every(({ complete }) => complete),
    );
  }
  // Narrowings come last, because most of them allow both kinds of callers.
  return [...partsIn(node)]
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

/** Returns every scope that a requirement names: sorted short names. */
export function scopesIn({ node }: Requirement): readonly string[] {
  return sorted(leavesOf(node).flatMap((leaf) => kindOf(leaf).scopes(leaf).flat()));
}

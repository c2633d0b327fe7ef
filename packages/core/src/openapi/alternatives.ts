import { sorted } from '../requirements/canonical.js';
import { isNarrowing, type RequirementNode } from '../requirements/node.js';
import type { Requirement } from '../requirements/requirement.js';

/** One way to satisfy a requirement, as far as OpenAPI can say it: with a user's token or an app's own, and which scopes. */
export interface Alternative {
  readonly caller: 'user' | 'app';
  /** Short names; empty where any scope will do, and for apps, which ask for no single permission. */
  readonly scopes: readonly string[];
}

/** More than this many combinations tell a reader nothing. */
const MOST = 16;

/**
 * The alternatives of a grant, each once; `undefined` where there are so many that a list would be of no use.
 */
export function alternativesOf(node: RequirementNode): readonly Alternative[] | undefined {
  const found = new Map<string, Alternative>();
  for (const alternative of ways(node)) {
    const { caller } = alternative;
    const scopes = sorted(alternative.scopes);
    found.set(`${caller} ${scopes.join(' ')}`, { caller, scopes });
    if (found.size > MOST) return undefined;
  }
  return [...found.values()];
}

const BOTH: readonly Alternative[] = [
  { caller: 'user', scopes: [] },
  { caller: 'app', scopes: [] },
];

function ways(node: RequirementNode): readonly Alternative[] {
  switch (node.kind) {
    case 'scopes':
      return [{ caller: 'user', scopes: node.values }];
    case 'anyScope':
      return node.values.map((scope) => ({ caller: 'user', scopes: [scope] }));
    case 'userRoles':
    case 'anyUserRole':
    case 'delegated':
    case 'members':
    case 'authContext':
    case 'signedInWithin':
      return [{ caller: 'user', scopes: [] }];
    case 'appPermissions':
    case 'anyAppPermission':
    case 'appOnly':
      return [{ caller: 'app', scopes: [] }];
    case 'anyOf':
      return node.of.flatMap(ways).slice(0, 4 * MOST);
    case 'allOf':
      // Narrowings last: most of them allow either kind of caller.
      return [...node.of]
        .sort((a, b) => Number(isNarrowing(a)) - Number(isNarrowing(b)))
        .map(ways)
        .reduce(combined, BOTH);
    default:
      return BOTH;
  }
}

function combined(left: readonly Alternative[], right: readonly Alternative[]): readonly Alternative[] {
  return left
    .flatMap((one) =>
      right
        .filter(({ caller }) => caller === one.caller)
        .map(({ caller, scopes }) => ({ caller, scopes: [...one.scopes, ...scopes] })),
    )
    .slice(0, 4 * MOST);
}

/** Every scope that a requirement names, short names in order. */
export function scopesIn({ node }: Requirement): readonly string[] {
  return sorted(named(node));
}

function named(node: RequirementNode): readonly string[] {
  if (node.kind === 'anyOf' || node.kind === 'allOf') return node.of.flatMap(named);
  return node.kind === 'scopes' || node.kind === 'anyScope' ? node.values : [];
}

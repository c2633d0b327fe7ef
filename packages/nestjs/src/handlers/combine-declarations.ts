import { type Anonymous, allOf, anonymous, ConfigurationError, type Grant } from '@entra-guard/core';
import type { Declaration } from './declarations.js';
import { composedAccess, type HandlerAccess } from './handler-access.js';

/** All declarations on one target. */
export interface Level {
  /** The target's name: `class OrdersController` or `OrdersController.list`. */
  readonly on: string;
  readonly declarations: readonly Declaration[];
}

/**
 * Combines what base classes, the class and the method declare, in this order. Requirements add up. An opening (`@Public()`,
 * `@OptionalAuth()`) replaces the requirements before it, and a requirement replaces an opening before it. Returns
 * `undefined` where nothing is declared.
 *
 * @throws ConfigurationError for declarations that contradict each other, or that no token can satisfy together
 */
export function compose(levels: readonly Level[]): HandlerAccess | undefined {
  let access: HandlerAccess | undefined;
  for (const level of levels) {
    if (level.declarations.length > 0) access = narrowed(access, level);
  }
  return access;
}

function narrowed(outer: HandlerAccess | undefined, level: Level): HandlerAccess {
  assertOneKind(level);
  const { declarations } = level;
  if (declarations.some((declaration) => declaration.kind === 'optional'))
    return composedAccess({ mode: 'optional' });
  const openings = declarations.flatMap((declaration) =>
    declaration.kind === 'public' ? [declaration.requirement] : [],
  );
  if (openings.length > 0) return composedAccess({ mode: 'require', requirement: joinedOpening(openings) });
  const grants = declarations.flatMap((declaration) =>
    declaration.kind === 'require' || declaration.kind === 'instead' ? [declaration.requirement] : [],
  );
  const replaces = declarations.some((declaration) => declaration.kind === 'instead');
  const inherited =
    !replaces && outer?.mode === 'require' && isGrant(outer.requirement) ? [outer.requirement] : [];
  const requirement = allOf(...([...inherited, ...grants] as [Grant, ...Grant[]]));
  return composedAccess({ mode: 'require', requirement });
}

/** Refuses an opening and a requirement on the same target: neither can be meant to win. */
function assertOneKind({ on, declarations }: Level): void {
  const effect = ({ kind }: Declaration) => (kind === 'instead' ? 'require' : kind);
  const [first, ...others] = declarations;
  const other = first && others.find((declaration) => effect(declaration) !== effect(first));
  if (first === undefined || other === undefined) return;
  throw new ConfigurationError(
    `${on} has ${first.by} and ${other.by}, which contradict each other.`,
    `Keep one of the two: ${first.by} ${meaning(first)}, ${other.by} ${meaning(other)}.`,
  );
}

function meaning(declaration: Declaration): string {
  if (declaration.kind === 'public') return 'opens it to every caller';
  if (declaration.kind === 'optional') return 'lets callers without a token in';
  return `requires ${declaration.requirement}`;
}

function joinedOpening(openings: readonly Anonymous[]): Anonymous {
  return openings
    .flatMap((opening) => opening.reasons)
    .reduce<Anonymous>((joined, reason) => joined.because(reason), anonymous());
}

function isGrant(requirement: Grant | Anonymous): requirement is Grant {
  return requirement.role === 'grant';
}

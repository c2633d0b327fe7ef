import { ConfigurationError } from '../base/errors.js';
import { allOfNode, anyOfNode } from './canonical.js';
import { assertCountsNothing, assertOneApproval } from './counting.js';
import { assertRequirement, type Grant, type Narrowing, Requirement } from './requirement.js';
import { assertAllSatisfiable, assertAnyEffective } from './stages.js';

/**
 * At least one of these grants.
 *
 * @throws ConfigurationError for an empty list, a narrowing, `anonymous()`, or a branch that another makes pointless
 */
export function anyOf(...grants: readonly [Grant, ...Grant[]]): Grant {
  const parts = nonEmpty('anyOf', grants);
  for (const part of parts) {
    if (part.role === 'narrowing') {
      throw new ConfigurationError(
        `anyOf(...) was given ${part}, which only narrows: alone in a branch it would let in every caller who fits it.`,
        `Put it next to a grant: allOf(scopes('…'), ${part}).`,
      );
    }
    if (part.role === 'anonymous') throw opensEverything('anyOf');
    assertCountsNothing('anyOf', part);
  }
  const nodes = parts.map((part) => part.node);
  const node = anyOfNode(nodes);
  assertAnyEffective(nodes);
  return new Requirement(
    'grant',
    node,
    parts.flatMap((part) => part.reasons),
    parts.flatMap((part) => part.catalogues),
  );
}

/**
 * All of these: at least one grant, and any narrowings.
 *
 * @throws ConfigurationError for an empty list, no grant, `anonymous()`, or what no token can satisfy
 */
export function allOf(...parts: readonly [Grant | Narrowing, ...(Grant | Narrowing)[]]): Grant {
  const list = nonEmpty('allOf', parts);
  if (list.some((part) => part.role === 'anonymous')) throw opensEverything('allOf');
  if (!list.some((part) => part.role === 'grant')) {
    throw new ConfigurationError(
      `allOf(${list.join(', ')}) grants nothing: narrowings only take away.`,
      "Add a grant: scopes('…'), appPermissions('…'), userRoles('…') or authenticated().",
    );
  }
  const nodes = list.map((part) => part.node);
  const node = allOfNode(nodes);
  assertOneApproval(node);
  assertAllSatisfiable(nodes);
  return new Requirement(
    'grant',
    node,
    list.flatMap((part) => part.reasons),
    list.flatMap((part) => part.catalogues),
  );
}

/** Combines what was read from text or JSON: what does not fit is refused as in code without types. */
export function combined(name: 'anyOf' | 'allOf', parts: readonly Requirement[]): Grant {
  return name === 'anyOf'
    ? anyOf(...(parts as unknown as [Grant, ...Grant[]]))
    : allOf(...(parts as unknown as [Grant | Narrowing, ...(Grant | Narrowing)[]]));
}

function nonEmpty(name: string, parts: readonly Requirement[]): readonly Requirement[] {
  if (parts.length === 0) {
    throw new ConfigurationError(
      `${name}() was given nothing.`,
      'An empty list protects nothing: name requirements.',
    );
  }
  for (const part of parts) assertRequirement(`${name}(...)`, part);
  return parts;
}

function opensEverything(name: string): ConfigurationError {
  return new ConfigurationError(
    `${name}(...) was given anonymous(), which would open it to every caller.`,
    'anonymous() stands only alone: give the route nothing else, or leave it out.',
  );
}

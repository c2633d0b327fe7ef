import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import type { Owner } from '../options/options.js';
import { callersOf, delegatedWithoutScope } from './callers.js';
import type { Catalogue } from './catalogue.js';
import { AGENT_CLAIMS } from './kinds/agent-claims.js';
import { sorted } from './kinds/values.js';
import {
  asksForAgents,
  kindOf,
  leavesOf,
  type RequirementNode,
  type TightenNode,
  tighteningsIn,
} from './kinds.js';
import { printNode } from './print.js';
import { sameNode } from './same.js';
import { type UsedPermission, usedPermissions } from './used-permissions.js';

const brand = Symbol.for('entra-guard/Requirement');
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A requirement's plain form: what `JSON.stringify` writes and {@link requirementFromJSON} reads. */
export interface RequirementJSON {
  readonly requirement: Exclude<RequirementNode, { kind: 'check' }>;
  readonly because?: readonly string[];
}

/**
 * What a caller must bring: an immutable value that can be compared, printed and written to JSON. Made by `scopes(...)`,
 * `appPermissions(...)`, `anyOf(...)` and the others; one value serves the run-time check, the answer's text and the
 * audit event. `R` tells a grant from a narrowing, so that a narrowing on its own does not compile.
 */
export class Requirement<
  out R extends 'grant' | 'narrowing' | 'anonymous' = 'grant' | 'narrowing' | 'anonymous',
> {
  /** Whether it lets callers in, only narrows a grant, or opens to every caller. */
  readonly role: R;
  /** The canonical tree. */
  readonly node: RequirementNode;
  /** Why, for the audit trail: what {@link because} was given, parts included. */
  readonly reasons: readonly string[];
  /** The catalogues that its permissions were taken from, parts included; empty for plain strings. Not in its JSON. */
  readonly catalogues: readonly Catalogue[];
  /** Each `tighten(...)` that it consists of: the one that switches first comes first. Empty for most requirements. */
  readonly tightenings: readonly TightenNode[];

  /** @internal */
  constructor(
    role: R,
    node: RequirementNode,
    reasons: readonly string[] = [],
    catalogues: readonly Catalogue[] = [],
  ) {
    this.role = role;
    this.node = Object.freeze(node);
    this.reasons = Object.freeze([...new Set(reasons)]);
    this.catalogues = Object.freeze([...new Set(catalogues)]);
    this.tightenings = Object.freeze(tighteningsIn(node));
    Object.freeze(this);
  }

  /**
   * The same requirement with its reason recorded; it shows in audit events.
   *
   * @throws ConfigurationError when the reason is empty
   */
  because(reason: string): Requirement<R> {
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw new ConfigurationError(
        'because() needs a reason.',
        "Say in a few words why the access is needed: .because('GDPR art. 15 export').",
      );
    }
    return new Requirement(this.role, this.node, [...this.reasons, reason.trim()], this.catalogues);
  }

  /** Tells whether `value` is a requirement, from whichever copy of the package. */
  static is(value: unknown): value is Requirement {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }

  get [brand](): true {
    return true;
  }

  /** Who answers for it: the owner that its catalogue names, if it is from one. */
  get owner(): Owner | undefined {
    return this.catalogues[0]?.owner;
  }

  /** Whether both require the same; reasons and catalogues are not compared. */
  equals(other: Requirement): boolean {
    return sameNode(this.node, other.node);
  }

  /**
   * Whether a user's token could pass without any particular scope, so that any client of the user could act. Of a `tighten(...)`:
   * whether it could before or after the switch.
   */
  get leavesScopeOpen(): boolean {
    return delegatedWithoutScope(this.node);
  }

  /**
   * Who can satisfy it at all: an app that acts for a user (`'user'`), an app that acts as itself (`'app'`), either (`'both'`), or
   * `'none'`. Of a `tighten(...)`: who could before or after the switch.
   */
  get callers(): 'user' | 'app' | 'both' | 'none' {
    return callersOf(this.node);
  }

  /**
   * Every permission that it names, each once, whether it is needed or one of several of which one is enough. Of a `tighten(...)`:
   * those of both requirements.
   */
  get permissions(): readonly UsedPermission[] {
    return usedPermissions(this.node);
  }

  /**
   * Whether `evaluate(...)` can judge it: it holds no `check`, `limit` or `approval`, so that nothing has to be run, counted or used up.
   */
  get evaluable(): boolean {
    return leavesOf(this.node).every(
      ({ kind }) => kind !== 'check' && kind !== 'limit' && kind !== 'approval',
    );
  }

  /**
   * The optional claims that it is judged by, sorted: `acct` for `members()`. Tokens carry them only if the app registration
   * asks for them (Entra: optional claims reference).
   */
  get optionalClaims(): readonly string[] {
    const ofAgents = asksForAgents(this.node) ? AGENT_CLAIMS : [];
    return sorted([...ofAgents, ...leavesOf(this.node).flatMap((leaf) => kindOf(leaf).claims)]);
  }

  /** As one would write it: `anyOf(appPermissions('Orders.Read.All'), scopes('Orders.Read'))`. */
  toString(): string {
    return printNode(this.node);
  }

  /** The plain form. A check is written by its name, and an approval by its operation: their functions do not survive. */
  toJSON(): RequirementJSON {
    const node = this.node as RequirementJSON['requirement'];
    return this.reasons.length > 0 ? { requirement: node, because: this.reasons } : { requirement: node };
  }

  [inspect](): string {
    return this.toString();
  }
}

/** A requirement that lets callers in. */
export type Grant = Requirement<'grant'>;
/** A requirement that only takes away; legal inside `allOf`, next to a grant. */
export type Narrowing = Requirement<'narrowing'>;
/** The explicit opening. */
export type Anonymous = Requirement<'anonymous'>;

/**
 * Refuses what is not a requirement.
 *
 * @throws ConfigurationError
 */
export function assertRequirement(name: string, part: unknown): asserts part is Requirement {
  if (!Requirement.is(part)) {
    throw new ConfigurationError(
      `${name} was given ${typeof part === 'string' ? `the string '${printable(part)}'` : part === null ? 'null' : typeof part} instead of a requirement.`,
      "Build one: scopes('Orders.Read'), appPermissions('Orders.Read.All'), anyOf(...), allOf(...).",
    );
  }
}

/**
 * Refuses what can't decide alone: what is not a requirement, and one that only narrows.
 *
 * @throws ConfigurationError
 */
export function assertDecides(name: string, requirement: unknown): asserts requirement is Grant | Anonymous {
  assertRequirement(name, requirement);
  if (requirement.role !== 'narrowing') return;
  throw new ConfigurationError(
    `${name} was given ${requirement}, which only narrows: alone it would let in every caller who fits it.`,
    `Put it next to a grant: allOf(scopes('…'), ${requirement}).`,
  );
}

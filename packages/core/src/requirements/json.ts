import { ConfigurationError } from '../base/errors.js';
import { ownMember, ownMembers } from '../base/own-member.js';
import { printable } from '../base/printable.js';
import { assertKnown } from '../options/option-readers.js';
import { combined } from './combine.js';
import type { ApprovedOf } from './kinds/approval.js';
import type { CheckFunction } from './kinds/check.js';
import type { JsonMembers } from './kinds/kind.js';
import { given } from './kinds/values.js';
import { kindNamed } from './kinds.js';
import { type Narrowing, Requirement } from './requirement.js';
import { tightenFromText } from './tighten.js';
import { type WhenAgentOptions, whenAgent } from './when-agent.js';

type Facts = Readonly<Record<string, unknown>>;

/** The application's functions, which JSON does not hold. */
interface Functions {
  readonly checks: Readonly<Record<string, CheckFunction>>;
  readonly of: Readonly<Record<string, ApprovedOf>>;
}

/** Deeper than any requirement that a person reads; what is nested deeper is refused before it fills the stack. */
const DEEPEST = 32;

/**
 * Reads a requirement from its JSON form, with all the rules of building one. Checks are looked up by name,
 * and what says what is approved by operation. Strict: what
 * `JSON.stringify(requirement)` would not have written is refused.
 *
 * @throws ConfigurationError for an unknown kind, an unknown or misspelt member, a member of another type, a check or an
 * approval without its function, or what building it would refuse
 */
export function requirementFromJSON(
  json: unknown,
  options: {
    readonly checks?: Readonly<Record<string, CheckFunction>>;
    readonly of?: Readonly<Record<string, (request: never) => unknown>>;
  } = {},
): Requirement {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, 'requirement')) {
    throw unreadable(json);
  }
  const functions = { checks: ownMember(options, 'checks') ?? {}, of: ownMember(options, 'of') ?? {} };
  return fromObject(json as Facts, functions, 1);
}

function fromObject(json: Facts, functions: Functions, depth: number): Requirement {
  const members = new Members('requirement', ownMembers(json), functions, depth);
  const requirement = fromNode(members.any('requirement'), functions, depth);
  const reasons = members.texts('because');
  members.finish();
  return reasons.reduce((built, reason) => built.because(reason), requirement);
}

function fromNode(node: unknown, functions: Functions, depth: number): Requirement {
  if (typeof node !== 'object' || node === null) throw unreadable(node);
  if (depth > DEEPEST) throw tooDeep();
  const facts = ownMembers(node as Facts);
  const name = facts.kind;
  if (typeof name !== 'string') throw unreadable(node);
  const members = new Members(name, facts, functions, depth);
  members.any('kind');
  if (name === 'anyOf' || name === 'allOf') {
    const of = members.list('of');
    members.finish();
    return combined(
      name,
      of.map((part) => fromNode(part, functions, depth + 1)),
    );
  }
  if (name === 'tighten') {
    const [now, next] = [members.any('now'), members.any('next')];
    const until = members.any('until');
    members.finish();
    const parts = [fromNode(now, functions, depth + 1), fromNode(next, functions, depth + 1)] as const;
    return tightenFromText(...parts, { until });
  }
  if (name === 'whenAgent') {
    const narrowing = members.any('narrowing');
    const unknown = members.text('unknown') as WhenAgentOptions['unknown'];
    members.finish();
    return whenAgent(fromNode(narrowing, functions, depth + 1) as Narrowing, given({ unknown }));
  }
  const kind = kindNamed(name);
  if (kind === undefined) throw unreadable(node, `its kind is '${printable(name)}'`);
  return new Requirement(
    kind.role,
    kind.read(members, () => members.finish()),
  );
}

/** Members of one object, read by name. */
class Members implements JsonMembers {
  readonly #functions: Functions;
  readonly #kind: string;
  readonly #facts: Facts;
  readonly #depth: number;
  readonly #read = new Set<string>();

  constructor(kind: string, facts: Facts, functions: Functions, depth: number) {
    this.#kind = kind;
    this.#facts = facts;
    this.#functions = functions;
    this.#depth = depth;
  }

  any(name: string): unknown {
    this.#read.add(name);
    return this.#facts[name];
  }

  list(name: string): readonly unknown[] {
    const value = this.any(name) ?? [];
    if (Array.isArray(value)) return value;
    throw this.#wrong(name, value, 'an array');
  }

  texts(name: string): readonly string[] {
    const values = this.list(name);
    for (const value of values) {
      if (typeof value !== 'string') throw this.#wrong(name, value, 'an array of strings');
    }
    return values as readonly string[];
  }

  listed(name: string): readonly string[] | undefined {
    return this.any(name) === undefined ? undefined : this.texts(name);
  }

  text(name: string): string | undefined {
    const value = this.any(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(name, value, 'a string');
  }

  flag(name: string): boolean | undefined {
    const value = this.any(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#wrong(name, value, 'true or false');
  }

  number(name: string): number {
    const value = this.any(name);
    if (typeof value === 'number') return value;
    throw this.#wrong(name, value, 'a number');
  }

  check(name: string): CheckFunction {
    const test = ownMember(this.#functions.checks, name);
    if (test !== undefined) return test;
    throw new ConfigurationError(
      `The requirement holds check('${printable(name)}'), and no function of that name was given.`,
      'Pass it: requirementFromJSON(json, { checks: { [name]: fn } }).',
    );
  }

  shown(operation: string): ApprovedOf {
    const of = ownMember(this.#functions.of, operation);
    if (of !== undefined) return of;
    throw new ConfigurationError(
      `The requirement holds approval('${printable(operation)}'), and no function was given that says what is approved.`,
      'Pass it: requirementFromJSON(json, { of: { [operation]: fn } }).',
    );
  }

  grant(name: string): Requirement | undefined {
    const value = this.any(name);
    if (value === undefined) return undefined;
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'requirement'))
      return fromObject(value as Facts, this.#functions, this.#depth + 1);
    throw this.#wrong(name, value, "a requirement's JSON");
  }

  /** Refuses what was not read. */
  finish(): void {
    assertKnown(`member of the requirement's JSON ('${printable(this.#kind)}') called`, this.#facts, [
      ...this.#read,
    ]);
  }

  #wrong(name: string, value: unknown, expected: string): ConfigurationError {
    const found = typeof value === 'string' ? `'${printable(value)}'` : printable(value);
    return new ConfigurationError(
      `In the requirement's JSON, ${name} of '${printable(this.#kind)}' is ${found} and not ${expected}.`,
      'Use what JSON.stringify(requirement) writes.',
    );
  }
}

function unreadable(found: unknown, why?: string): ConfigurationError {
  return new ConfigurationError(
    `This is not a requirement's JSON: ${printable(found)}${why === undefined ? '' : `, and ${why}`}.`,
    'Use what JSON.stringify(requirement) writes.',
  );
}

function tooDeep(): ConfigurationError {
  return new ConfigurationError(
    `The requirement's JSON is nested deeper than ${DEEPEST} levels.`,
    'Combine fewer requirements, or build them in code.',
  );
}

import type { AuthContext } from '../../caller/auth-context.js';
import type { ApprovedOf, ApproverGrant } from './approval.js';
import type { CheckFunction } from './check.js';
import type { Outcome, RunNode } from './outcome.js';

/** `grant` lets callers in, `narrowing` only takes away from a grant, `anonymous` opens to every caller. */
export type Role = 'grant' | 'narrowing' | 'anonymous';

/** Who can satisfy a kind: an app that acts for a signed-in user, an app that acts as itself, or either. */
export type KindCallers = 'user' | 'app' | 'both';

/** What a node of any kind has. */
export interface KindNode {
  readonly kind: string;
}

/** What a node is judged by. */
export interface JudgedFacts {
  readonly auth: AuthContext;
  /** Milliseconds since the epoch; without it, the clock is read where a kind asks for the time. */
  readonly now: number | undefined;
  /** What the checks that have run answered, which limits have counted the call, and which approval it has used up. */
  readonly answers: ReadonlyMap<RunNode, boolean>;
  /**
   * The groups of a user who has too many for a token, in lower case. `'ask'` where they can be asked for, and have not been;
   * `undefined` where they can't.
   */
  readonly groups: ReadonlySet<string> | 'ask' | undefined;
  /** Whether each `tighten(...)` is judged as if its time had come. */
  readonly ahead: boolean;
  /** The ID of the approval that the call has used up. */
  readonly approvalId?: string;
  /** Whether a delegated token is judged as if it held every scope. Read as an own member only. Default `false`. */
  readonly assumeScopes?: boolean;
}

/** The arguments of a printed requirement, read one kind of argument at a time. What is not read is refused. */
export interface PrintedArguments {
  /** All quoted texts. */
  texts(): readonly string[];
  /** The one quoted text, `undefined` without any. */
  text(): string | undefined;
  /** The members of the one `{ … }`; none without it. */
  options(): object;
  /** Refuses the requirement: it can't be written as text. */
  refuse(found: string, hint: string): never;
}

/** The members of a requirement's JSON, read by name. What is not read is refused. */
export interface JsonMembers {
  /** Texts in an array; none where it is missing. */
  texts(name: string): readonly string[];
  text(name: string): string | undefined;
  /** Texts in an array; `undefined` where it is missing. */
  listed(name: string): readonly string[] | undefined;
  flag(name: string): boolean | undefined;
  number(name: string): number;
  /** The function that the reader was given for the check of this name. */
  check(name: string): CheckFunction;
  /** A requirement in its own JSON form; `undefined` where it is missing. */
  grant(name: string): ApproverGrant | undefined;
  /** The function that the reader was given for the approval of this operation. */
  shown(operation: string): ApprovedOf;
}

/** Everything that is known of a kind of requirement. `Given` is what its builder takes. */
interface KindFacts<N extends KindNode, R extends Role, Given extends readonly unknown[]> {
  /** The builder's name, the node's `kind`, and the word that is printed. */
  readonly name: N['kind'];
  readonly role: R;
  readonly callers: KindCallers;
  /** The optional claims that it is judged by (Entra: optional claims reference). */
  readonly claims: readonly string[];
  /**
   * Checks what the builder was given, and makes the canonical node.
   *
   * @throws ConfigurationError
   */
  build(...given: Given): N;
  /** The arguments as one would write them in code, in canonical form. */
  print(node: N): string;
  /** The inverse of `print`. */
  parse(printed: PrintedArguments): Given;
  /** The inverse of `JSON.stringify`. */
  read(members: JsonMembers): Given;
  judge(node: N, facts: JudgedFacts): Outcome;
  /** Scopes that clients ask for (OpenAPI): one of these lists satisfies it. {@link NO_SCOPES} where scopes don't matter. */
  scopes(node: N): readonly (readonly string[])[];
  /**
   * Several nodes of the kind inside one `allOf`, as the fewest that say the same. {@link apart} where they say nothing of
   * each other.
   *
   * @throws ConfigurationError where no token can satisfy all of them
   */
  together(nodes: readonly N[]): readonly N[];
}

/** A kind of requirement, as the registry holds it. */
export interface Kind<N extends KindNode = KindNode, R extends Role = Role>
  extends Omit<KindFacts<N, R, never>, 'build' | 'parse' | 'read'> {
  parse(printed: PrintedArguments, finished: () => void): N;
  read(members: JsonMembers, finished: () => void): N;
}

/** A kind together with its builder. */
export type BuiltKind<N extends KindNode, R extends Role, Given extends readonly unknown[]> = Kind<N, R> & {
  build(...given: Given): N;
};

/** Defines a kind of requirement: one that lacks a member does not compile. */
export function kind<N extends KindNode, R extends Role, Given extends readonly unknown[]>(
  facts: KindFacts<N, R, Given>,
): BuiltKind<N, R, Given> {
  const build = (...given: Given): N => Object.freeze(facts.build(...given));
  // What was not read is refused before the rest is judged: a misspelt name explains best what is missing.
  const from = (given: Given, finished: () => void): N => {
    finished();
    return build(...given);
  };
  return Object.freeze({
    ...facts,
    build,
    parse: (printed: PrintedArguments, finished: () => void) => from(facts.parse(printed), finished),
    read: (members: JsonMembers, finished: () => void) => from(facts.read(members), finished),
  });
}

/** Clients ask for no scope on its account. */
export const NO_SCOPES = (): readonly (readonly string[])[] => [[]];

/** Nodes that say nothing of each other stay as they are. */
export const apart = <N>(nodes: readonly N[]): readonly N[] => nodes;

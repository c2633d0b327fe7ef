import type { EntraClaims } from './claims.js';
import type { StringSet } from './string-set.js';

/** Marks the classes of this package: what they make is known by what only the class can see. */
export const CALLER_BRAND: unique symbol = Symbol.for('entra-guard/AuthContext') as never;

/** Made by classes that an application has derived from {@link AuthContext}. */
const derived = new WeakSet<object>();

type Recognizer = (value: object) => boolean;

/**
 * What each copy of the package in this process knows its own contexts by, private members of a class. No member that can be
 * read would do: a `Proxy` may answer anything with `true`.
 */
const recognizers = recognizersOfAllCopies();
const isDerived: Recognizer = (value) => derived.has(value);
recognizers.add(isDerived);

function recognizersOfAllCopies(): Set<Recognizer> {
  const name = Symbol.for('entra-guard/context-recognizers');
  if (!Object.hasOwn(globalThis, name)) Object.defineProperty(globalThis, name, { value: new Set() });
  return (globalThis as unknown as Record<symbol, Set<Recognizer>>)[name] as Set<Recognizer>;
}

let isOfThisCopy: Recognizer = isDerived;

/** For the class whose contexts the validator makes: most that are asked about are of it. */
export function recognizeContexts(recognizer: Recognizer): void {
  isOfThisCopy = recognizer;
  recognizers.add(recognizer);
}

function isOfAnyCopy(value: object): boolean {
  for (const recognizes of recognizers) if (recognizes(value)) return true;
  return false;
}

/**
 * Which of the two parties is an AI agent (Entra Agent ID). A part is `undefined` where the token does not say: an API
 * gets these claims reliably only if its app registration asks for them.
 */
export interface AgentFacts {
  /** Whether the client that acts is an agent identity (facet 11 in `xms_act_fct`, or `xms_par_app_azp`). */
  readonly actor: boolean | undefined;
  /** Whether the subject is an agent identity (11) or an agent's user account (13 in `xms_sub_fct`). */
  readonly subject: boolean | undefined;
  /** The application ID of the agent's blueprint. For audit; not for decisions: many agents share one. */
  readonly blueprintId: string | undefined;
}

/**
 * Who calls, and what they may do: what a handler gets. Deeply immutable, and it never holds the raw token. A class, so
 * that it works as a type in decorated parameters.
 */
export abstract class AuthContext {
  constructor() {
    if (!Object.hasOwn(new.target.prototype, CALLER_BRAND)) derived.add(this);
  }

  /**
   * Tells whether `value` is a context, from whichever copy of the package. Ask this and not `instanceof`: what looks like
   * a context, a copy of one or an object that inherits from one is not a caller.
   */
  static is(value: unknown): value is AuthContext {
    return typeof value === 'object' && value !== null && (isOfThisCopy(value) || isOfAnyCopy(value));
  }

  /** `'user'`: an app acting for a signed-in user (delegated token). `'app'`: a daemon or managed identity (app-only). */
  abstract readonly kind: 'user' | 'app';
  /** The token's `iss`. */
  abstract readonly issuer: string;
  /** The tenant's GUID, lower case; for B2C the GUID in the issuer. */
  abstract readonly tenantId: string;
  /** The object ID of the user or service principal. B2C users may have none; a placeholder in the claim is none. */
  abstract readonly objectId: string | undefined;
  /** The client application that asked for the token (`azp` in v2, `appid` in v1). */
  abstract readonly clientId: string;
  /**
   * The one safe key for this person or app in your data; never built from a missing part or a placeholder. Tenant and
   * object ID; where B2C emits no `oid`, tenant and `sub`, and then also the policy if the issuer names it.
   */
  abstract readonly subjectKey: string;
  /** Delegated permissions (`scp`); empty for app-only tokens. */
  abstract readonly scopes: StringSet;
  /** User roles when `kind` is `'user'`, application permissions when it is `'app'`. Not the same thing. */
  abstract readonly roles: StringSet;
  /** Group IDs, or `'overage'` where the user has too many for the token: ask Microsoft Graph then. */
  abstract readonly groups: StringSet | 'overage';
  /** Whether an AI agent is involved; `undefined` where the token says nothing about it, which is not "no". */
  abstract readonly agent: AgentFacts | undefined;
  /** Whether the user is a guest of the tenant (`acct`); `undefined` where the token does not say. */
  abstract readonly guest: boolean | undefined;
  /** Satisfied Conditional Access authentication contexts (`acrs`). */
  abstract readonly authenticationContexts: StringSet;
  /** When the token ends, in milliseconds since the epoch. */
  abstract readonly expiresAt: number;
  /** The token's unique ID (`uti`), as in Entra's sign-in logs. */
  abstract readonly tokenId: string | undefined;
  /**
   * All claims of the token: a frozen copy, which has `hasOwnProperty`, `propertyIsEnumerable` and `toString` of other objects
   * and nothing else.
   */
  abstract readonly claims: EntraClaims;
}

Object.defineProperties(AuthContext.prototype, {
  // What is made of this class itself was made by no class of an application's own.
  [CALLER_BRAND]: { value: true },
  // A context is waited for in many places, and none of them may take what `Object.prototype` has for its `then`.
  // biome-ignore lint/suspicious/noThenProperty: it says that there is none.
  then: { value: undefined },
});

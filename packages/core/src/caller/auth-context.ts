import type { EntraClaims } from './claims.js';
import type { StringSet } from './string-set.js';

/** Marks this package's classes, whose objects are recognised by a private member. */
export const CALLER_BRAND: unique symbol = Symbol.for('entra-guard/AuthContext') as never;

/** Objects of classes that an application derived from {@link AuthContext}. */
const derived = new WeakSet<object>();

type Recognizer = (value: object) => boolean;

/**
 * One function per copy of the package in this process, which recognises that copy's contexts by a private member. A
 * readable member would not be safe: a `Proxy` can return `true` for any of them.
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

/** Registers the class whose contexts the validator makes, which is asked first because most contexts are of it. */
export function recognizeContexts(recognizer: Recognizer): void {
  isOfThisCopy = recognizer;
  recognizers.add(recognizer);
}

function isOfAnyCopy(value: object): boolean {
  for (const recognizes of recognizers) if (recognizes(value)) return true;
  return false;
}

/**
 * Which of the two parties is an AI agent (Entra Agent ID). A part is `undefined` if the token does not say: an API
 * gets these claims reliably only if its app registration asks for them.
 */
export interface AgentFacts {
  /** Whether the acting client is an agent identity (facet 11 in `xms_act_fct`, or `xms_par_app_azp`). */
  readonly actor: boolean | undefined;
  /** Whether the subject is an agent identity (11) or an agent's user account (13 in `xms_sub_fct`). */
  readonly subject: boolean | undefined;
  /** The application ID of the agent's blueprint. For audit and not for decisions: many agents share one. */
  readonly blueprintId: string | undefined;
}

/**
 * Who calls, and what they may do: what a handler receives. Deeply immutable. Never holds the raw token. It is a class,
 * so that it works as the type of decorated parameters.
 */
export abstract class AuthContext {
  constructor() {
    if (!Object.hasOwn(new.target.prototype, CALLER_BRAND)) derived.add(this);
  }

  /**
   * Tells whether `value` is a context, from any copy of the package. Use this and not `instanceof`: an object that
   * looks like a context, copies one or inherits from one is not a caller.
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
  /**
   * The object ID of the user or service principal. `undefined` for B2C users without one, also if the claim holds a
   * placeholder.
   */
  abstract readonly objectId: string | undefined;
  /** The client application that asked for the token (`azp` in v2, `appid` in v1). */
  abstract readonly clientId: string;
  /**
   * The safe key for this user or app in your data: tenant and object ID. If B2C emits no `oid`: tenant and `sub`, and
   * the policy if the issuer names it. Never built from a missing part or a placeholder.
   */
  abstract readonly subjectKey: string;
  /** Delegated permissions (`scp`); empty for app-only tokens. */
  abstract readonly scopes: StringSet;
  /** User roles if `kind` is `'user'`, application permissions if it is `'app'`. The two mean different things. */
  abstract readonly roles: StringSet;
  /** Group IDs, or `'overage'` if the user has too many for the token: then ask Microsoft Graph. */
  abstract readonly groups: StringSet | 'overage';
  /** Whether an AI agent is involved; `undefined` if the token does not say, which does not mean "no". */
  abstract readonly agent: AgentFacts | undefined;
  /** Whether the user is a guest of the tenant (`acct`); `undefined` if the token does not say. */
  abstract readonly guest: boolean | undefined;
  /** Satisfied Conditional Access authentication contexts (`acrs`). */
  abstract readonly authenticationContexts: StringSet;
  /** When the token expires, in milliseconds since the epoch. */
  abstract readonly expiresAt: number;
  /** The token's unique ID (`uti`), as in Entra's sign-in logs. */
  abstract readonly tokenId: string | undefined;
  /**
   * All claims of the token, deeply frozen. The object inherits only `hasOwnProperty`, `propertyIsEnumerable` and
   * `toString`.
   */
  abstract readonly claims: EntraClaims;
}

Object.defineProperties(AuthContext.prototype, {
  // Objects of this class itself don't come from an application's class.
  [CALLER_BRAND]: { value: true },
  // Contexts are awaited in many places. An own `then` keeps `await` from calling one on `Object.prototype`.
  // biome-ignore lint/suspicious/noThenProperty: it says that there is none.
  then: { value: undefined },
});

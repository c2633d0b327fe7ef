import type {
  Anonymous,
  AuthContext,
  Catalogue,
  Denial,
  ErrorCode,
  Grant,
  Instant,
  Owner,
  PermissionError,
  RequestError,
  ValidatorOptions,
} from '@entra-guard/core';
import type { Method, RuleMethod } from './match/methods.js';
import type { PolicyCaller, PolicyTest } from './tables/caller.js';
import type { PolicyWarning } from './warnings.js';

/** One rule: who may send requests with these methods to these paths. */
export interface PolicyRule {
  /** The name of the application that it belongs to. */
  readonly app: string;
  /** The pattern, as it is written: `/orders/{id}`. */
  readonly path: string;
  /** As they are written. */
  readonly named: readonly RuleMethod[];
  /** The methods that it decides about: `any` is all that a policy knows, and `GET` is `HEAD` as well. */
  readonly methods: readonly Method[];
  /** With its reasons; from the catalogue if there is one. */
  readonly requirement: Grant | Anonymous;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** How browsers are signed in. */
export interface PolicySignIn {
  readonly credential?: {
    readonly certificate?: string;
    readonly federatedTokenFile?: string;
    readonly managedIdentity?: string;
    readonly secret?: string;
  };
  readonly scopes?: readonly string[];
}

/** Where sessions of browsers are kept, and for how long. */
export interface PolicySessions {
  readonly idle?: string;
  readonly absolute?: string;
  /** `memory`, or the URL of a Redis. */
  readonly store?: string;
  readonly keys?: readonly { readonly id: string; readonly secret: string }[];
}

/** One application behind the proxy. */
export interface PolicyApp {
  readonly name: string;
  /** In lower case; `*.contoso.example` for any one label. */
  readonly hosts: readonly string[];
  readonly upstream: string | undefined;
  readonly owner: Owner | undefined;
  /** `false` if browsers are not signed in; `true` is `{}`. */
  readonly signIn: false | PolicySignIn;
  readonly identity: 'assertion' | 'none';
  /** The assertion's audience; `undefined` for the application's origin. */
  readonly audience: string | undefined;
  readonly passToken: boolean;
  readonly caseInsensitivePaths: boolean;
  readonly cors: { readonly origins: readonly string[]; readonly maxAge?: string } | undefined;
  readonly encodedSlashes: 'opaque' | undefined;
  readonly pathParameters: 'keep' | undefined;
  readonly rules: readonly PolicyRule[];
}

/** A request, as far as a policy looks at it. */
export interface PolicyRequest {
  /** As in the header `Host`; a port is not looked at. */
  readonly host: string;
  /** Exactly as it was sent. */
  readonly method: string;
  /** The request target in origin form, as it was sent: `/orders/42?page=2`. The query is not looked at. */
  readonly path: string;
}

/** The rule that decides about a request; or why there is none. */
export type PolicyMatch =
  | { readonly app: PolicyApp; readonly rule: PolicyRule; readonly error?: undefined }
  | {
      /** `undefined` where the host is of no application. */
      readonly app: PolicyApp | undefined;
      readonly rule?: undefined;
      /** What to answer: `host_not_known`, `path_not_canonical`, `method_not_allowed` with `allow`, or `no_requirement`. */
      readonly error: RequestError | PermissionError;
    };

/** A request, and who sent it. */
export interface PolicyQuestion extends PolicyRequest {
  /** What a validator or guard gave; `undefined` where there is no token. */
  readonly auth?: AuthContext | undefined;
  /** A `Date`, or milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: Instant | undefined;
  /** The object IDs of the user's groups, where the token has too many to hold them. */
  readonly groups?: readonly string[] | undefined;
}

/** What a policy decides. */
export interface PolicyDecision {
  readonly allow: boolean;
  /** The pattern of the rule that decided, as it is written; `undefined` where no rule did. */
  readonly rule: string | undefined;
  /** The name of the application; `undefined` where the host is of none. */
  readonly app: string | undefined;
  /** Why it is refused; absent where it is allowed. */
  readonly code?: ErrorCode;
  /** What the caller lacks, where the rule's requirement refused. */
  readonly denial?: Denial;
  /** What to answer, where no rule decided. */
  readonly error?: RequestError | PermissionError;
}

/** A policy file that was read: frozen, without I/O. Made by {@link readPolicy}. */
export interface Policy {
  readonly version: 1;
  /** The first 12 hexadecimal digits of the SHA-256 of the file and its catalogue, for audit events. */
  readonly digest: string;
  /** As it was named to {@link readPolicy}. */
  readonly file: string;
  /** Options of `createValidator` and `createGuard`. */
  readonly entra: ValidatorOptions | readonly ValidatorOptions[];
  /** Settings of `createGuard`. */
  readonly settings: { readonly explain?: boolean; readonly auditClaims?: readonly string[] };
  readonly catalogue: Catalogue | undefined;
  readonly publicOrigin: string | undefined;
  readonly assertion: { readonly issuer?: string };
  readonly sessions: PolicySessions | undefined;
  readonly apps: readonly PolicyApp[];
  /** The callers of its tests, by name. */
  readonly callers: ReadonlyMap<string, PolicyCaller>;
  readonly tests: readonly PolicyTest[];
  /** What is allowed, and deserves a second look. */
  readonly warnings: readonly PolicyWarning[];
  /**
   * Finds the rule for a request: the most specific one for the path that has the method.
   *
   * ```ts
   * const { rule, error } = policy.match({ host, method, path });
   * if (error !== undefined) throw error;
   * const auth = await guard.require(request, rule.requirement, { handler: rule.path });
   * ```
   */
  match(request: PolicyRequest): PolicyMatch;
  /**
   * Decides about a request. Pure: no clock but `now`, no I/O. What no rule allows is refused.
   *
   * @throws ConfigurationError for an `auth` that no validator gave
   */
  decide(question: PolicyQuestion): PolicyDecision;
}

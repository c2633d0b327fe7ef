/** A caller of a table, or of `entra-guard policy explain --as`. One of `user`, `app` and `agent` says who it is. */
export interface PolicyCaller {
  /** A user, by a name: an app acts for this person. */
  readonly user?: string;
  /** An app that acts as itself, by a name. */
  readonly app?: string;
  /** An AI agent, by a name: as itself, or with `for` on behalf of a user. */
  readonly agent?: string;
  /** The user that an agent acts for. */
  readonly for?: string;
  /** Scopes of a user's token, at least one. */
  readonly scopes?: readonly string[];
  /** Roles of the user, or application permissions of the app. */
  readonly roles?: readonly string[];
  /** Object IDs of the user's groups, or `overage` for more than a token holds. */
  readonly groups?: readonly string[] | 'overage';
  /** Whether the user is a guest. Default: a member. */
  readonly guest?: boolean;
  /** Client ID of the app that brings a user's token. */
  readonly client?: string;
  /** Satisfied authentication contexts: `c1`. */
  readonly authenticationContexts?: readonly string[];
  /** How long ago the user signed in: `5m`. Default: the token does not say. */
  readonly signedIn?: string;
}

/** A row of the table `tests`: a request, and what is to become of it. */
export interface PolicyTest {
  /** The name of one of `callers`, or the caller; `undefined` for a request without a token. */
  readonly as: string | PolicyCaller | undefined;
  readonly caller: PolicyCaller | undefined;
  readonly host: string;
  readonly method: string;
  /** As a client sends it; it may hold a query. */
  readonly path: string;
  /** Whether it is to be allowed. */
  readonly allow: boolean;
  /** With which code it is to be refused; `undefined` for any. */
  readonly refuse: string | undefined;
  /** The pattern of the rule that is to decide; `undefined` for any. */
  readonly rule: string | undefined;
  /** Where the row stands in the file. */
  readonly line: number;
}

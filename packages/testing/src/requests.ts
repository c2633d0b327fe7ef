/** One request to the local Entra. Headers and bodies are not kept, because they hold secrets. */
export interface RequestRecord {
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: RequestKind;
}

/** The kind of endpoint that a request was for. */
export type RequestKind =
  | 'metadata'
  | 'keys'
  | 'token'
  | 'authorize'
  | 'userinfo'
  | 'managed-identity'
  | 'graph'
  | 'other';

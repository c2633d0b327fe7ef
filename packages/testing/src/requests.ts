/** One request that the local Entra was asked. Neither headers nor bodies are kept: they hold secrets. */
export interface RequestRecord {
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: RequestKind;
}

/** What a request was for. */
export type RequestKind = 'metadata' | 'keys' | 'token' | 'authorize' | 'managed-identity' | 'other';

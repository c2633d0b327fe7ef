/** The kind of a caller, its client, and its permissions. */
export interface TokenKind {
  readonly kind: 'user' | 'app';
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** Who calls by which right. */
export interface TokenKind {
  readonly kind: 'user' | 'app';
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

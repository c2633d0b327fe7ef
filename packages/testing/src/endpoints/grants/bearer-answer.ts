/**
 * Makes the members that every answer with an access token has.
 *
 * @param lifetime of the token, in seconds
 */
export function bearerAnswer(token: string, lifetime: number) {
  // Entra answers 3599 for a token of an hour.
  const expiresIn = lifetime - 1;
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
}

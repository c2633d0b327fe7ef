/**
 * Reads when a signed assertion ends (RFC 7519 section 4.1.4), from its payload. It is not verified: only Entra can say whether it
 * accepts it.
 *
 * @returns milliseconds since the epoch; `undefined` for anything but a JWT with a number for `exp`
 */
export function expiryOf(assertion: string): number | undefined {
  try {
    const [, payload = ''] = assertion.split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      readonly exp?: unknown;
    };
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

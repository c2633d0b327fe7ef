import { randomBytes } from 'node:crypto';
import { rawValuesOf } from '../headers/header-names.js';
import { COOKIE_PREFIX } from '../headers/session-cookie.js';

/** The cookie with the ID of a session. */
export const SESSION_COOKIE = COOKIE_PREFIX;
/** The cookie that binds a sign-in to the browser that has begun it. One for all tabs. */
export const ATTEMPT_COOKIE = `${COOKIE_PREFIX}-sign-in`;

/** 256 random bits. */
export const newId = (): string => randomBytes(32).toString('base64url');

/** Neither readable for scripts, nor for other hosts of the domain (RFC 6265bis section 4.1.3.2). */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** @param seconds for how long; absent until the browser ends */
export function setCookie(name: string, value: string, seconds?: number): string {
  return `${name}=${value}; ${ATTRIBUTES}${seconds === undefined ? '' : `; Max-Age=${seconds}`}`;
}

export function removeCookie(name: string): string {
  return `${name}=; ${ATTRIBUTES}; Max-Age=0`;
}

/**
 * Reads an ID that this proxy has given.
 *
 * @returns `undefined` for none, for several, and for what has another form
 */
export function idIn(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawValuesOf(rawHeaders, 'cookie')
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [only] = values;
  return values.length === 1 && /^[A-Za-z0-9_-]{43}$/.test(only as string) ? only : undefined;
}

/** Whether a request has a cookie with this name, in whatever form. */
export function hasCookie(rawHeaders: readonly string[], name: string): boolean {
  return rawValuesOf(rawHeaders, 'cookie').some((header) =>
    header.split(';').some((pair) => pair.trim().startsWith(`${name}=`)),
  );
}

import { normalName, rawValuesOf } from '../headers/header-names.js';

/** Headers of one connection, which are never passed on (RFC 9110 section 7.6.1), and those that undici writes itself. In normal form. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);

/**
 * Tells which headers of a message stay on its connection: those that always do, and those that its `Connection` headers name.
 *
 * @returns takes a name in normal form
 */
export function hopByHopIn(rawHeaders: readonly string[]): (name: string) => boolean {
  const named = namedByConnection(rawHeaders);
  return named.length === 0
    ? (name) => HOP_BY_HOP.has(name)
    : (name) => HOP_BY_HOP.has(name) || named.includes(name);
}

/** The names in all `Connection` headers of a message, in normal form. */
export function namedByConnection(rawHeaders: readonly string[]): readonly string[] {
  return rawValuesOf(rawHeaders, 'connection')
    .flatMap((value) => value.split(','))
    .map((name) => normalName(name.trim()))
    .filter((name) => name !== '' && name !== 'close' && name !== 'keep-alive' && name !== 'upgrade');
}

/** A host that a policy names: exact, or `*.suffix`, where `*` is one label. */
export interface HostPattern {
  /** In lower case, without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const IP_V6 = /^\[[0-9a-f:.]{2,45}\]$/;

const isName = (text: string): boolean => text.length <= 253 && (NAME.test(text) || IP_V6.test(text));

/** Reads a host in a policy. @returns `undefined` for what is not a host name */
export function readHostPattern(text: string): HostPattern | undefined {
  if (!/^[!-~]+$/.test(text)) return undefined;
  const name = text.toLowerCase();
  if (!name.startsWith('*.')) return isName(name) ? { name, wildcard: false } : undefined;
  return NAME.test(name.slice(2)) && name.length <= 253 ? { name: name.slice(2), wildcard: true } : undefined;
}

/**
 * Reads the host of a request (RFC 9110 section 7.2), without its port and one final dot.
 *
 * @returns `undefined` for what is not a host
 */
export function readRequestHost(host: string): string | undefined {
  // Only ASCII: the Kelvin sign becomes a k in lower case.
  if (typeof host !== 'string' || !/^[!-~]{1,300}$/.test(host)) return undefined;
  const name = host
    .toLowerCase()
    .replace(/:[0-9]{1,5}$/, '')
    .replace(/\.$/, '');
  return isName(name) ? name : undefined;
}

/** Finds what is known of a host: by its exact name first. */
export class HostTable<T> {
  readonly #exact = new Map<string, T>();
  readonly #wildcards = new Map<string, T>();

  /** Adds a host. @returns what it belongs to already, if there is such; then nothing is added */
  add({ name, wildcard }: HostPattern, value: T): T | undefined {
    const table = wildcard ? this.#wildcards : this.#exact;
    const known = table.get(name);
    if (known === undefined) table.set(name, value);
    return known;
  }

  find(host: string): T | undefined {
    const name = readRequestHost(host);
    if (name === undefined) return undefined;
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    const dot = name.indexOf('.');
    return dot <= 0 ? undefined : this.#wildcards.get(name.slice(dot + 1));
  }
}

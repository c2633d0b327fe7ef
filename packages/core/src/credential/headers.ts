import { ConfigurationError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { printable, printableOptions } from '../base/printable.js';

/**
 * Headers of Node, Fastify or the web's `Request`; or a plain object with names in upper or lower case, as in AWS
 * Lambda and older Azure Functions.
 */
export type HeadersLike =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of a host's request that the guard reads. Node's `IncomingMessage` and the web's `Request` fit as they are. */
export interface RequestLike {
  readonly headers: HeadersLike;
  /** Names and values in turn, as Node received them. Only here does a repeated header show. */
  readonly rawHeaders?: readonly string[] | undefined;
  readonly method?: string | undefined;
}

/** One value; several if the header is repeated; `undefined` if it is absent. */
type Values = string | readonly string[] | undefined;

/**
 * Returns the value of one header; `undefined` if it is absent. Joins repeated ones with commas (RFC 9110 section 5.3).
 *
 * @param name in small letters
 * @throws ConfigurationError for what is not a request with headers
 */
export function headerOf(request: RequestLike, name: string): string | undefined {
  const values = valuesOf(request, name);
  return typeof values === 'object' ? values.join(', ') : values;
}

/**
 * Returns the values of one header.
 *
 * @param name in small letters
 * @throws ConfigurationError for what is not a request with headers
 */
export function valuesOf(request: RequestLike, name: string): Values {
  const headers: unknown = request?.headers;
  if (typeof headers !== 'object' || headers === null) throw unreadable(`are ${printableOptions(headers)}`);
  if (hasGet(headers)) {
    if (Object.prototype.toString.call(headers) === '[object Map]') throw unreadable('are a Map');
    return textIn(headers.get(name), name);
  }
  const plain = headers as Readonly<Record<string, unknown>>;
  const value = textIn(ownMember(plain, name), name);
  // Node writes all names in lower case.
  return Array.isArray(request.rawHeaders) ? value : withOtherSpellings(plain, name, value);
}

/** Tells whether headers have the method `get`, as the web's `Headers` do, and not one from `Object.prototype`. */
function hasGet(headers: object): headers is { readonly get: (name: string) => unknown } {
  const { get } = headers as { readonly get?: unknown };
  return typeof get === 'function' && get !== (Object.prototype as { readonly get?: unknown }).get;
}

function withOtherSpellings(headers: Readonly<Record<string, unknown>>, name: string, value: Values): Values {
  let all = value;
  for (const other of Object.keys(headers)) {
    if (other.length !== name.length || other === name || other.toLowerCase() !== name) continue;
    const found = textIn(headers[other], name);
    if (found === undefined) continue;
    all = all === undefined ? found : [all, found].flat();
  }
  return all;
}

function textIn(value: unknown, name: string): Values {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw unreadable(`hold ${printable(value)} for ${name}, which is not text`);
}

function unreadable(found: string): ConfigurationError {
  return new ConfigurationError(
    `The headers of the request ${found}.`,
    "Pass the host's own request, or { headers } with the web's Headers or a plain object of names and values.",
  );
}

import { ConfigurationError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { printable, printableOptions } from '../base/printable.js';

/**
 * Headers as Node, Fastify and the web's `Request` have them; or a plain object whose names may be written in any case, as
 * AWS Lambda and older Azure Functions have them.
 */
export type HeadersLike =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of a host's request that the guard reads. Node's `IncomingMessage` and the web's `Request` fit as they are. */
export interface RequestLike {
  readonly headers: HeadersLike;
  /** Names and values in turn, as Node received them: the only place where a repeated header can be seen. */
  readonly rawHeaders?: readonly string[] | undefined;
  readonly method?: string | undefined;
}

/** One value, several where the header is repeated, or `undefined` where it is absent. */
type Values = string | readonly string[] | undefined;

/**
 * The value of one header; `undefined` when it is absent. Repeated ones are joined as HTTP joins them.
 *
 * @param name in small letters
 * @throws ConfigurationError for what is not a request with headers
 */
export function headerOf(request: RequestLike, name: string): string | undefined {
  const values = valuesOf(request, name);
  return typeof values === 'object' ? values.join(', ') : values;
}

/**
 * The values of one header.
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
  // Node writes all names in small letters.
  return Array.isArray(request.rawHeaders) ? value : withOtherSpellings(plain, name, value);
}

/** The web's `Headers` have it from their class; what stands on `Object.prototype` is not it. */
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
    "Hand over the host's own request, or { headers } with the web's Headers, or with a plain object of names and values.",
  );
}

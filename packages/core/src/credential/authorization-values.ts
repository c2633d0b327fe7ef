import type { RequestLike } from './headers.js';

/**
 * What the core reads in place of an HTTP request: the values that were found where an `Authorization` header may stand.
 * Several are handed over as a repeated header, which the core refuses: who reads which one is not left to chance.
 */
export function requestWith(
  values: readonly string[],
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): RequestLike {
  const { authorization: _, ...others } = headers;
  return {
    headers: values[0] === undefined ? others : { ...others, authorization: values[0] },
    rawHeaders: values.flatMap((value) => ['authorization', value]),
  };
}

/** The values of `Authorization` in a request's headers, each repetition one value. */
export function authorizationOf(request: Partial<RequestLike>): readonly string[] {
  const raw = request.rawHeaders ?? [];
  const repeated = raw.filter((_, index) => index % 2 === 1 && isAuthorization(raw[index - 1]));
  if (repeated.length > 0) return repeated;
  const headers = (request.headers ?? {}) as Readonly<Record<string, unknown>>;
  const { get } = headers;
  return valuesIn(typeof get === 'function' ? get.call(headers, 'authorization') : headers.authorization);
}

/** The values of `authorization` in a bag that a client fills: its case is the client's, and so is its shape. */
export function authorizationIn(bag: unknown): readonly string[] {
  if (typeof bag !== 'object' || bag === null) return [];
  return Object.entries(bag).flatMap(([name, value]) => (isAuthorization(name) ? valuesIn(value) : []));
}

function isAuthorization(name: string | undefined): boolean {
  return name?.toLowerCase() === 'authorization';
}

function valuesIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  // Text, or bytes as in Kafka. Any other value becomes an empty one, which the core refuses.
  return list.flatMap((one) =>
    one === undefined || one === null
      ? []
      : [typeof one === 'string' || one instanceof Uint8Array ? Buffer.from(one as string).toString() : ''],
  );
}

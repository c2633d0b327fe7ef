import { ConfigurationError } from '../base/errors.js';
import { millisecondsFromText } from '../base/instant.js';
import { isJsonObject, type JsonObject } from '../base/json-object.js';
import { printable } from '../base/printable.js';
import { assertKnown } from '../options/option-readers.js';
import type { RevocationRecord, RevokeOptions, Target } from '../options/revocations.js';

/** A record as JSON: times in ISO 8601, and `null` where there is no end. */
export function recordJson({ target, issuedBefore, until, at, ...record }: RevocationRecord): JsonObject {
  return {
    ...record,
    target:
      typeof target === 'object' && 'token' in target
        ? { ...target, expiresAt: iso(target.expiresAt) }
        : target,
    ...(issuedBefore === undefined ? {} : { issuedBefore: iso(issuedBefore) }),
    until: until === Number.POSITIVE_INFINITY ? null : iso(until),
    at: iso(at),
  };
}

/** What a request asks to be revoked. Only the form is checked: `revoke(...)` reads the rest. */
export interface RequestedRevocation {
  readonly target: Target;
  readonly options: RevokeOptions;
}

const NAMES = ['target', 'because', 'issuedBefore', 'until', 'source'] as const;

/** @throws ConfigurationError for a body of another form */
export function revocationFrom(body: unknown): RequestedRevocation {
  if (!isJsonObject(body)) {
    throw new ConfigurationError(
      `The body is ${printable(body)}, which is not a JSON object.`,
      'Send {"target": {"user": "<object ID>", "tenantId": "<tenant ID>"}, "because": "<reason>"} as application/json.',
    );
  }
  const given = Object.assign(Object.create(null) as Record<string, unknown>, body);
  assertKnown('member of the body called', given, NAMES);
  const { target, because, issuedBefore, until, source } = given;
  return {
    target: targetFrom(target),
    options: {
      because: because as string,
      ...(issuedBefore === undefined
        ? {}
        : { issuedBefore: millisecondsFromText('issuedBefore', issuedBefore) }),
      ...(until === undefined || until === null ? {} : { until: millisecondsFromText('until', until) }),
      // So that no caller writes in the name of a feed, which lifts what it has set.
      source: source === undefined ? 'api' : `api/${String(source)}`,
    },
  };
}

function targetFrom(given: unknown): Target {
  if (!isJsonObject(given) || given.expiresAt === undefined) return given as Target;
  return {
    ...given,
    expiresAt: millisecondsFromText('target: expiresAt', given.expiresAt),
  } as unknown as Target;
}

/**
 * Reads the target in a query: `user=…&tenantId=…`, `everyone=true`. `undefined` for an empty query.
 *
 * @throws ConfigurationError for a name that occurs twice
 */
export function targetInQuery(query: URLSearchParams): Target | undefined {
  const names = [...query.keys()];
  if (names.length === 0) return undefined;
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new ConfigurationError(`The query has ${printable(twice)} more than once.`, 'Name one target.');
  }
  if (query.get('everyone') === 'true' && names.length === 1) return 'everyone';
  const target = Object.fromEntries(query);
  // A token is found by its ID alone.
  return (query.has('token') ? { ...target, expiresAt: FAR } : target) as unknown as Target;
}

const FAR = 8.64e15;

function iso(time: number | Date): string {
  return new Date(time).toISOString();
}

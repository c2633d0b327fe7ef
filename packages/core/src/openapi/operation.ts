import { normalizedAudience } from '../options/audiences.js';
import { countingPart } from '../requirements/kinds.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';
import { type Alternatives, alternativesOf } from './alternatives.js';

/** An OpenAPI Security Requirement Object (OpenAPI 3.1 section 4.8.30): the scheme's name and the scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** An OpenAPI Response Object (OpenAPI 3.1 section 4.8.17). */
export interface ResponseDescription {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: object }>>;
}

/** The parts of an OpenAPI operation that its requirement determines. */
export interface GuardedOperation {
  /** Alternatives; empty for an operation that is open to everyone. */
  readonly security: readonly SecurityRequirement[];
  readonly responses: Readonly<Record<string, ResponseDescription>>;
}

/** Names for the security schemes and scopes of a document. */
export interface OpenApiNames {
  /** The API's application ID URI, with which scopes are written in full. */
  readonly applicationIdUri: string;
  /** The scheme for users' tokens. Default `entra`. */
  readonly userScheme?: string;
  /** The scheme for app-only tokens. Default `entraApp`. */
  readonly appScheme?: string;
}

/** The alternatives if any accepted token is enough: a user's token with any scope. */
const ANY_TOKEN: Alternatives = { list: [{ caller: 'user', scopes: [] }], complete: true };

const TOO_MANY =
  ' There are too many alternatives to list under security, which names the kinds of callers only.';

/** The body of every refusal (RFC 9457). */
const PROBLEM = {
  type: 'object',
  required: ['title', 'status', 'code', 'detail'],
  properties: {
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable; see the documentation of entra-guard.' },
    detail: { type: 'string' },
  },
} as const;

const answer = (description: string): ResponseDescription => ({
  description,
  content: { 'application/problem+json': { schema: PROBLEM } },
});

/**
 * Describes a guarded operation: its security requirement, and its 401, 403, 503, and 429 if it has a limit.
 *
 * @param requirement what the operation requires; `undefined` if any accepted token is enough
 */
export function describeOperation(
  requirement: Grant | Anonymous | undefined,
  { applicationIdUri, userScheme = 'entra', appScheme = 'entraApp' }: OpenApiNames,
): GuardedOperation {
  if (requirement?.role === 'anonymous') return { security: [], responses: {} };
  const base = normalizedAudience(applicationIdUri);
  const { list, complete } = requirement === undefined ? ANY_TOKEN : alternativesOf(requirement.node);
  const security = list.map(({ caller, scopes }) =>
    caller === 'user'
      ? { [userScheme]: scopes.map((scope) => `${base}/${scope}`) }
      : { [appScheme]: [`${base}/.default`] },
  );
  const needs = requirement === undefined ? 'an accepted token' : String(requirement);
  const reasons = requirement?.reasons ?? [];
  const why = reasons.length === 0 ? '' : ` Why: ${reasons.join('; ')}.`;
  return {
    security,
    responses: {
      '401': answer(
        'No access token, or one that is not accepted. `WWW-Authenticate` and `code` say why; with `insufficient_claims` the caller has to sign in again, more strongly.',
      ),
      '403': answer(`The caller may not. Required: \`${needs}\`.${complete ? '' : TOO_MANY}${why}`),
      ...(requirement !== undefined && countingPart(requirement.node) !== undefined
        ? { '429': answer('The caller has reached its limit. Come back after `Retry-After` seconds.') }
        : {}),
      '503': answer("The token can't be judged now. Keep it and come back after `Retry-After` seconds."),
    },
  };
}

import { AADSTS_CODES, type AadstsCode } from '../aadsts-codes.js';
import { LocalEntraError } from '../error.js';

/** Values of `error` (RFC 6749, section 5.2) that OAuth clients handle. */
export type OAuthErrorWord =
  | 'access_denied'
  | 'authorization_declined'
  | 'authorization_pending'
  | 'consent_required'
  | 'expired_token'
  | 'interaction_required'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_resource'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_tenant'
  | 'login_required'
  | 'permission_denied'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

/** Members of a refusal by Conditional Access. */
export interface Demand {
  /** `basic_action`: the user can do something about it; `message_only`: not. */
  readonly suberror?: string;
  /** The claims request that a new sign-in has to carry, as JSON text. */
  readonly claims?: string;
}

/** A refusal of an endpoint, with the AADSTS code that Entra answers in this case. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';

  constructor(
    readonly error: OAuthErrorWord,
    readonly aadsts: AadstsCode,
    message: string,
    readonly status = 400,
    /** What a client needs to know to get past a policy. */
    readonly demand: Demand = {},
  ) {
    super(message);
  }

  /** `AADSTS7000215: Invalid client secret provided.` */
  get description(): string {
    return `AADSTS${this.aadsts}: ${this.message}`;
  }
}

/** `error` by the AADSTS number of a {@link LocalEntraError}. */
const words: Readonly<Partial<Record<AadstsCode, OAuthErrorWord>>> = {
  50034: 'invalid_grant',
  50057: 'invalid_grant',
  50105: 'invalid_grant',
  50173: 'invalid_grant',
  501051: 'invalid_grant',
  90002: 'invalid_tenant',
  500011: 'invalid_resource',
  650053: 'invalid_scope',
  700016: 'unauthorized_client',
};

/** Turns a refusal of the directory into an OAuth error. Throws any other error again. */
export function asOAuthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof LocalEntraError) {
    const code = AADSTS_CODES.find((one) => one === error.aadsts);
    if (code !== undefined) return new OAuthError(words[code] ?? 'invalid_request', code, error.message);
  }
  throw error;
}

/** Makes the body of a refusal. It always has `error`, because MSAL takes a response without it for a success. */
export function oauthErrorBody(
  error: OAuthError,
  { trace, correlation, now }: { readonly trace: string; readonly correlation: string; readonly now: number },
): Record<string, unknown> {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: error.error,
    error_description: `${error.description} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [error.aadsts],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${error.aadsts}`,
    ...error.demand,
  };
}

import { describe, expect, it } from 'vitest';
import { parsedBySample } from '../../../../test/support/microsoft-sample.js';
import { STATUS_OF } from '../../src/base/code-status.js';
import { DownstreamError } from '../../src/base/errors.js';
import {
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  EntraGuardError,
  type ErrorCode,
  type HttpAnswer,
  KeysUnavailableError,
  LimitError,
  PermissionError,
  RequestError,
  SealedCallerError,
  StepUpError,
  TokenError,
  toHttp,
  UnavailableError,
} from '../../src/index.js';

const secret = 'what only operators may read';
const facts = { message: secret, hint: secret };
const token = (code: ErrorCode): EntraGuardError => new TokenError({ ...facts, code });
const permission = (code: ErrorCode): EntraGuardError => new PermissionError({ ...facts, code });
const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

const common = { 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' };
const answered = (error: unknown): [number, string | undefined] => {
  const { status, headers } = toHttp(error, { realm: 'contoso' });
  return [status, headers['WWW-Authenticate']];
};

const invalidToken = (sentence: string): [number, string] => [
  401,
  `Bearer realm="contoso", error="invalid_token", error_description="${sentence}"`,
];
const insufficientScope = (sentence: string): [number, string] => [
  403,
  `Bearer realm="contoso", error="insufficient_scope", error_description="${sentence}"`,
];

/** Every code there is, with the answer on the wire. */
const ANSWERS: Readonly<Record<ErrorCode, readonly [EntraGuardError, [number, string | undefined]]>> = {
  credentials_missing: [
    new CredentialError({ ...facts, code: 'credentials_missing' }),
    [401, 'Bearer realm="contoso"'],
  ],
  credentials_malformed: [
    new CredentialError({ ...facts, code: 'credentials_malformed' }),
    [
      400,
      'Bearer realm="contoso", error="invalid_request", error_description="The Authorization header is not one Bearer token."',
    ],
  ],
  token_malformed: [
    token('token_malformed'),
    invalidToken('The access token is not a well-formed signed JWT.'),
  ],
  token_too_large: [token('token_too_large'), invalidToken('The access token is too large.')],
  algorithm_not_allowed: [
    token('algorithm_not_allowed'),
    invalidToken('The access token is signed with an algorithm that is not allowed.'),
  ],
  issuer_not_accepted: [
    token('issuer_not_accepted'),
    invalidToken("The access token's issuer is not accepted."),
  ],
  tenant_not_accepted: [
    token('tenant_not_accepted'),
    invalidToken("The access token's tenant is not accepted."),
  ],
  audience_not_accepted: [
    token('audience_not_accepted'),
    invalidToken('The access token is not meant for this API.'),
  ],
  token_expired: [token('token_expired'), invalidToken('The access token has expired.')],
  token_not_yet_valid: [token('token_not_yet_valid'), invalidToken('The access token is not valid yet.')],
  signing_key_not_found: [
    token('signing_key_not_found'),
    invalidToken('The access token is signed with a key that its issuer does not publish.'),
  ],
  signature_invalid: [
    token('signature_invalid'),
    invalidToken("The access token's signature does not hold."),
  ],
  not_an_access_token: [token('not_an_access_token'), invalidToken('The token is not an access token.')],
  token_kind_unknown: [
    token('token_kind_unknown'),
    invalidToken('The access token is neither delegated nor app-only.'),
  ],
  key_bound_token: [
    token('key_bound_token'),
    invalidToken('The access token is bound to a key, which is not supported.'),
  ],
  policy_not_accepted: [
    token('policy_not_accepted'),
    invalidToken('The access token comes from a policy that is not accepted.'),
  ],
  token_revoked: [token('token_revoked'), invalidToken('The access token has been revoked.')],
  token_lifetime_not_accepted: [
    token('token_lifetime_not_accepted'),
    invalidToken('The access token is valid for longer than is accepted.'),
  ],
  token_not_accepted: [token('token_not_accepted'), invalidToken('The access token is not accepted.')],
  token_without_permissions: [
    permission('token_without_permissions'),
    insufficientScope('The access token carries no scope and no role.'),
  ],
  scope_missing: [permission('scope_missing'), insufficientScope('The access token lacks a scope.')],
  role_missing: [
    permission('role_missing'),
    insufficientScope('The caller lacks a role or an application permission.'),
  ],
  group_missing: [
    permission('group_missing'),
    insufficientScope('The caller is not in a group that is needed.'),
  ],
  groups_overage: [
    permission('groups_overage'),
    insufficientScope('The access token does not hold all groups of the caller.'),
  ],
  role_not_allowed: [
    permission('role_not_allowed'),
    insufficientScope('The caller has a role that may not do this.'),
  ],
  caller_kind_not_allowed: [
    permission('caller_kind_not_allowed'),
    insufficientScope('This kind of caller may not do this.'),
  ],
  client_not_allowed: [
    permission('client_not_allowed'),
    insufficientScope('This client application may not do this.'),
  ],
  guest_not_allowed: [permission('guest_not_allowed'), insufficientScope('Guests may not do this.')],
  agent_not_allowed: [permission('agent_not_allowed'), insufficientScope('AI agents may not do this.')],
  check_refused: [permission('check_refused'), insufficientScope('The caller may not do this.')],
  no_requirement: [
    permission('no_requirement'),
    insufficientScope('No caller may do this: the API declares no requirement here.'),
  ],
  user_unknown: [permission('user_unknown'), insufficientScope('This API does not know the user.')],
  // No scope would help, so none is asked for.
  approval_required: [permission('approval_required'), [403, undefined]],
  approval_denied: [permission('approval_denied'), [403, undefined]],
  downstream_consent_missing: [
    permission('downstream_consent_missing'),
    insufficientScope('The client has to ask for consent to another API that this one calls.'),
  ],
  target_not_allowed: [
    permission('target_not_allowed'),
    insufficientScope('This may not be called for the caller.'),
  ],
  ticket_not_accepted: [
    permission('ticket_not_accepted'),
    insufficientScope('The API may no longer act for the user.'),
  ],
  downstream_step_up_required: [
    new StepUpError({
      ...facts,
      code: 'downstream_step_up_required',
      stepUp: { kind: 'claims', claims, authorizationUri: 'https://login.microsoftonline.com/x', realm: '' },
    }),
    [
      401,
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/x", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"',
    ],
  ],
  step_up_required: [
    new StepUpError({
      ...facts,
      code: 'step_up_required',
      stepUp: {
        kind: 'claims',
        claims,
        authorizationUri: 'https://login.microsoftonline.com/common/oauth2/authorize',
        realm: '',
      },
    }),
    // Entra: claims challenge, as its documentation gives it, to the letter.
    [
      401,
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"',
    ],
  ],
  sign_in_too_old: [
    new StepUpError({ ...facts, code: 'sign_in_too_old', stepUp: { kind: 'sign-in', maxAgeSeconds: 900 } }),
    // RFC 9470 section 3.
    [
      401,
      'Bearer realm="contoso", error="insufficient_user_authentication", error_description="A more recent sign-in is needed.", max_age="900"',
    ],
  ],
  sealed_caller_invalid: [
    new SealedCallerError({ ...facts, code: 'sealed_caller_invalid' }),
    [403, undefined],
  ],
  sealed_caller_unreadable: [
    new SealedCallerError({ ...facts, code: 'sealed_caller_unreadable' }),
    [403, undefined],
  ],
  sealed_caller_expired: [
    new SealedCallerError({ ...facts, code: 'sealed_caller_expired' }),
    [403, undefined],
  ],
  check_failed: [new CheckFailedError(facts), [500, undefined]],
  keys_unavailable: [new KeysUnavailableError({ ...facts, retryAfter: 30 }), [503, undefined]],
  hook_failed: [new UnavailableError({ ...facts, part: 'hook', retryAfter: 5 }), [503, undefined]],
  revocations_full: [
    new UnavailableError({ ...facts, part: 'revocations', code: 'revocations_full', retryAfter: 9 }),
    [503, undefined],
  ],
  revocations_unavailable: [
    new UnavailableError({ ...facts, part: 'revocations', retryAfter: 5 }),
    [503, undefined],
  ],
  budgets_unavailable: [new UnavailableError({ ...facts, part: 'budgets', retryAfter: 5 }), [503, undefined]],
  approvals_unavailable: [
    new UnavailableError({ ...facts, part: 'approvals', retryAfter: 5 }),
    [503, undefined],
  ],
  sessions_unavailable: [
    new UnavailableError({ ...facts, part: 'sessions', retryAfter: 5 }),
    [503, undefined],
  ],
  downstream_unavailable: [
    new UnavailableError({ ...facts, part: 'downstream', retryAfter: 5 }),
    [503, undefined],
  ],
  limit_exceeded: [new LimitError({ ...facts, retryAfter: 5 }), [429, undefined]],
  request_invalid: [new RequestError({ ...facts, code: 'request_invalid' }), [400, undefined]],
  path_not_canonical: [new RequestError({ ...facts, code: 'path_not_canonical' }), [400, undefined]],
  cross_site_request: [new RequestError({ ...facts, code: 'cross_site_request' }), [403, undefined]],
  host_not_known: [new RequestError({ ...facts, code: 'host_not_known' }), [404, undefined]],
  method_not_allowed: [
    new RequestError({ ...facts, code: 'method_not_allowed', allow: ['GET', 'HEAD'] }),
    [405, undefined],
  ],
  downstream_misconfigured: [
    new DownstreamError({ ...facts, code: 'downstream_misconfigured' }),
    [500, undefined],
  ],
  downstream_target_refused: [
    new DownstreamError({ ...facts, code: 'downstream_target_refused' }),
    [500, undefined],
  ],
  downstream_answer: [new DownstreamError({ ...facts, code: 'downstream_answer' }), [502, undefined]],
  caller_token_changed: [new DownstreamError({ ...facts, code: 'caller_token_changed' }), [500, undefined]],
  configuration_invalid: [new ConfigurationError(secret, secret), [500, undefined]],
};
const rows = Object.entries(ANSWERS);

describe('every code has its answer', () => {
  it.each(rows)('%s', (code, [error, expected]) => {
    expect(answered(error)).toEqual(expected);
    const { status, headers, body } = toHttp(error);
    expect(headers).toMatchObject(common);
    // A host writes what there is: a header without a value would be the text "undefined".
    for (const value of Object.values(headers)) expect(value).toBeTypeOf('string');
    expect(STATUS_OF[code as ErrorCode]).toBe(status);
    expect(body).toMatchObject({ status, code, title: expect.stringMatching(/^[A-Z]/) });
    // One sentence from a closed list, and nothing that was found.
    expect(body.detail).toMatch(/^[A-Z][^\n"]+\.$|<token>\.$/);
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('an approval that is needed is named, and what it is for is not', () => {
    const approval = { id: 'a1', url: 'https://orders.contoso.com/approvals/a1', expiresAt: 0, of: secret };
    const needed = new PermissionError({ ...facts, code: 'approval_required', approval });
    expect(toHttp(needed).body.approval).toEqual({
      id: 'a1',
      url: 'https://orders.contoso.com/approvals/a1',
      expiresAt: '1970-01-01T00:00:00.000Z',
    });
    const withoutPage = new PermissionError({
      ...facts,
      code: 'approval_denied',
      approval: { id: 'a1', expiresAt: 1000 },
    });
    expect(toHttp(withoutPage).body.approval).toEqual({ id: 'a1', expiresAt: '1970-01-01T00:00:01.000Z' });
    expect(toHttp(permission('scope_missing')).body).not.toHaveProperty('approval');
    expect(() => Object.assign(needed.approval as object, { id: 'a2' })).toThrow(TypeError);
  });

  it('whatever else is thrown becomes a 500 that says nothing', () => {
    const impostor = {
      name: 'TokenError',
      code: 'token_expired',
      status: 200,
      hint: secret,
      message: secret,
    };
    for (const thrown of [new Error(secret), impostor, secret, undefined, null, 0, Object.create(null)]) {
      expect(toHttp(thrown, { realm: 'contoso', explain: true })).toEqual({
        status: 500,
        headers: common,
        body: {
          title: 'Internal Server Error',
          status: 500,
          code: 'internal_error',
          detail: 'The API failed to answer this request.',
        },
      });
    }
  });
});

describe('whole answers', () => {
  it.each<[string, unknown, HttpAnswer]>([
    [
      'no credentials: no error code (RFC 6750 section 3.1)',
      ANSWERS.credentials_missing[0],
      {
        status: 401,
        headers: { 'WWW-Authenticate': 'Bearer realm=""', ...common },
        body: {
          title: 'Unauthorized',
          status: 401,
          code: 'credentials_missing',
          detail: 'An access token is needed: Authorization: Bearer <token>.',
        },
      },
    ],
    [
      'not enough permission: the smallest set that would do',
      new PermissionError({
        ...facts,
        code: 'scope_missing',
        requirement: "scopes('Orders.Read', 'Orders.Write')",
        enough: { scopes: ['api://orders/Orders.Read', 'api://orders/Orders.Write'], userRoles: ['Clerk'] },
      }),
      {
        status: 403,
        headers: {
          'WWW-Authenticate':
            'Bearer realm="", error="insufficient_scope", error_description="The access token lacks a scope.", scope="api://orders/Orders.Read api://orders/Orders.Write"',
          ...common,
        },
        body: {
          title: 'Forbidden',
          status: 403,
          code: 'scope_missing',
          detail: 'The access token lacks a scope.',
          enough: { scopes: ['api://orders/Orders.Read', 'api://orders/Orders.Write'], userRoles: ['Clerk'] },
        },
      },
    ],
    [
      'roles only: no scope to ask for',
      new PermissionError({
        ...facts,
        code: 'role_missing',
        enough: { appPermissions: ['Orders.Read.All'] },
      }),
      {
        status: 403,
        headers: {
          'WWW-Authenticate':
            'Bearer realm="", error="insufficient_scope", error_description="The caller lacks a role or an application permission."',
          ...common,
        },
        body: {
          title: 'Forbidden',
          status: 403,
          code: 'role_missing',
          detail: 'The caller lacks a role or an application permission.',
          enough: { appPermissions: ['Orders.Read.All'] },
        },
      },
    ],
    [
      'a thing that is hidden: nothing but a 404, even with explain',
      new PermissionError({
        ...facts,
        code: 'check_refused',
        status: 404,
        enough: { scopes: ['Orders.Read'] },
      }),
      {
        status: 404,
        headers: common,
        body: {
          title: 'Not Found',
          status: 404,
          code: 'not_found',
          detail: 'There is nothing here, or not for this caller.',
        },
      },
    ],
    [
      'keys down: try again, and no challenge',
      new KeysUnavailableError({ ...facts, retryAfter: 12.2 }),
      {
        status: 503,
        headers: { 'Retry-After': '13', ...common },
        body: {
          title: 'Service Unavailable',
          status: 503,
          code: 'keys_unavailable',
          detail: 'The API cannot verify access tokens at the moment.',
        },
      },
    ],
  ])('%s', (_, error, expected) => {
    expect(toHttp(error)).toEqual(expected);
    if (expected.status === 404) expect(toHttp(error, { explain: true })).toEqual(expected);
  });

  it('what would be enough is left out where no permission is lacking', () => {
    for (const error of [permission('guest_not_allowed'), token('token_expired')]) {
      expect(toHttp(error).body).not.toHaveProperty('enough');
    }
  });

  it.each([0, -3, 0.2])('Retry-After is at least a second: %d', (retryAfter) => {
    expect(toHttp(new KeysUnavailableError({ ...facts, retryAfter })).headers['Retry-After']).toBe('1');
  });

  it('explain tells what was found and what to change, in the body alone', () => {
    const { headers, body } = toHttp(token('token_expired'), { explain: true });
    expect(body).toMatchObject({ explanation: secret, hint: secret });
    expect(JSON.stringify(headers)).not.toContain(secret);
  });
});

describe('where several tenants are accepted', () => {
  const concealed = (code: ErrorCode, verified: boolean): EntraGuardError =>
    new TokenError({ ...facts, code, concealed: true, verified });

  it.each(rows.filter(([, [error]]) => TokenError.is(error)))(
    '%s before the signature has the public code',
    (code) => {
      const answer = toHttp(concealed(code as ErrorCode, false));
      expect(answer).toEqual(toHttp(concealed('token_malformed', false)));
      expect(answer.body.code).toBe('token_not_accepted');
      expect(answer.headers['WWW-Authenticate']).toContain('The access token is not accepted.');
    },
  );

  it('a refusal after the signature has its own', () => {
    expect(toHttp(concealed('token_revoked', true)).body.code).toBe('token_revoked');
  });
});

describe('nothing ends the header or a string early: the parameters arrive as RFC 9110 reads them', () => {
  /** RFC 9110 sections 5.6.4 and 11.2. */
  function parameters(challenge: string): Record<string, string> {
    const list = /^Bearer ((?:[a-z_]+="(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"(?:, |$))+)$/.exec(
      challenge,
    )?.[1];
    if (list === undefined) throw new Error(`not one challenge: ${challenge}`);
    const pairs = [...list.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    return Object.fromEntries(
      pairs.map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, '$1')]),
    );
  }

  it.each<[string, string, string]>([
    ['a quote', 'a"b', 'a"b'],
    [
      'a quote and a parameter',
      '", error="insufficient_claims", claims="e30',
      '", error="insufficient_claims", claims="e30',
    ],
    ['a backslash at the end', 'a\\', 'a\\'],
    ['a backslash before a quote', 'a\\"b', 'a\\"b'],
    ['a new header', 'a\r\nSet-Cookie: admin=1', 'a??Set-Cookie: admin=1'],
    ['a null', 'a\0b', 'a?b'],
    ['letters beyond ASCII', 'Größe', 'Gr??e'],
    ['a second challenge', 'a", Basic realm="b', 'a", Basic realm="b'],
    ['a line separator', 'a\u2028b', 'a?b'],
  ])('%s', (_, text, arrives) => {
    for (const error of [
      ANSWERS.credentials_missing[0],
      ANSWERS.token_expired[0],
      ANSWERS.sign_in_too_old[0],
    ]) {
      const challenge = toHttp(error, { realm: text }).headers['WWW-Authenticate'] ?? '';
      expect(parameters(challenge).realm).toBe(arrives);
      expect(() => new Headers({ 'WWW-Authenticate': challenge })).not.toThrow();
    }
    const scope = toHttp(
      new PermissionError({ ...facts, code: 'scope_missing', enough: { scopes: [text] } }),
    );
    const challenge = scope.headers['WWW-Authenticate'] ?? '';
    expect(parameters(challenge)).toEqual({
      realm: '',
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope.',
      scope: arrives,
    });
  });
});

describe("Entra's claims challenge, read by Microsoft's own client sample", () => {
  const challengeFor = (id: string): string => {
    const request = JSON.stringify({ access_token: { acrs: { essential: true, value: id } } });
    const authorizationUri = 'https://login.microsoftonline.com/common/oauth2/authorize';
    const stepUp = { kind: 'claims', claims: request, authorizationUri, realm: '' } as const;
    const error = new StepUpError({ ...facts, code: 'step_up_required', stepUp });
    return toHttp(error, { realm: 'is, not, told', explain: true }).headers['WWW-Authenticate'] ?? '';
  };

  // c1 needs no padding in base64, c10 two characters of it.
  it.each(['c1', 'c9', 'c10', 'c99'])('gives the claims request for %s', (id) => {
    const parsed = parsedBySample(challengeFor(id));
    expect(Object.keys(parsed)).toEqual(['realm', 'authorization_uri', 'error', 'claims']);
    expect(parsed.error).toBe('insufficient_claims');
    expect(parsed.authorization_uri).toBe('https://login.microsoftonline.com/common/oauth2/authorize');
    expect(JSON.parse(atob(parsed.claims ?? ''))).toEqual({
      access_token: { acrs: { essential: true, value: id } },
    });
  });

  it('is in standard base64 with its padding: atob() takes no base64url', () => {
    expect(challengeFor('c10')).toContain(
      'claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEwIn19fQ=="',
    );
    const [, claims = ''] = /claims="([^"]+)"/.exec(challengeFor('c1?>~')) ?? [];
    expect(claims).toMatch(/[+/]/);
    expect(atob(claims)).toContain('"c1?>~"');
  });

  it('would fail on a comma or percent sign, which is why there is no description', () => {
    expect(() => parsedBySample('Bearer error="x", error_description="One, two"')).toThrow(TypeError);
    expect(() => parsedBySample('Bearer error="x", error_description="100% sure"')).toThrow(URIError);
    expect(challengeFor('c1')).not.toMatch(/%|error_description|explain/);
  });
});

it.each([
  [403, 'Forbidden'],
  [451, 'Error'],
])('a refusal with status %i and a missing claim names the claim', (status, title) => {
  const facts = { code: 'guest_not_allowed', message: 'm', hint: 'h', claim: 'acct', status } as const;
  expect(toHttp(new PermissionError(facts)).body).toMatchObject({
    status,
    title,
    claim: 'acct',
    detail: expect.stringContaining('does not carry the claim acct.'),
  });
});

it('challenges of hundreds of realms are each their own: what is kept of them is bounded', () => {
  const error = new TokenError({ code: 'token_expired', message: 'expired', hint: 'Get another.' });
  for (let tenant = 0; tenant < 300; tenant++) {
    const { headers } = toHttp(error, { realm: `tenant-${tenant}` });
    expect(headers['WWW-Authenticate']).toContain(`Bearer realm="tenant-${tenant}", error="invalid_token"`);
  }
});

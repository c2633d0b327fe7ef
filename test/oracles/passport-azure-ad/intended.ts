/** An intended difference from passport-azure-ad, with every row that shows it. */
export interface Difference {
  readonly title: string;
  /** The reason, for developers who migrate. */
  readonly reason: string;
  /** What to do if something depends on the old behaviour. */
  readonly instead?: string;
  /** Names of rows. */
  readonly rows: readonly string[];
}

/** Differences by what they mean for a migration. */
export const INTENDED: Readonly<Record<string, readonly Difference[]>> = {
  'Accepted before, refused now': [
    {
      title: 'ID tokens',
      reason:
        'An ID token says to an app who signed in. It has the same audience and issuer as an access token of the same app registration, but no permission, and every app that the user signs in to can have one.',
      instead: '`allowIdTokens: true` during a migration.',
      rows: ['an ID token', 'an ID token, custom callback', 'an ID token, B2C', 'Nest: an ID token'],
    },
    {
      title: 'Apps without a role',
      reason:
        'Every app of the tenant can get an app-only token for an API, although no user or administrator has consented. Only a role says that it may call. The answer is 403: the app is known, and lacks a permission.',
      instead:
        'Give the app an application permission, or set `allowAppsWithoutRoles: true` during a migration.',
      rows: ['an app-only token without a role', 'Nest: an app-only token without a role'],
    },
    {
      title: 'A user that is a promise, or an error',
      reason:
        "A database query that was not awaited is a promise. Passport takes a promise for a user, even if the query finds none. Now the promise is awaited, and its value is the user. An error in the user's place is an error.",
      rows: [
        'done(null, promise of no user)',
        'done(null, promise that rejects)',
        'done(null, error)',
        'done(null, promise of a user)',
      ],
    },
    {
      title: 'Tokens that are neither delegated nor app-only',
      reason:
        "The kind of a token must be clear: a user's token has a scope, in an app's token `sub` equals `oid`, and `idtyp` agrees. The original did not check this.",
      rows: [
        'an app-only token without oid',
        'idtyp app and a scope',
        'idtyp of another kind',
        "a user's token without a scope",
        "a user's token without a scope, with a role",
        'an access token without a scope, B2C',
      ],
    },
    {
      title: 'B2C tokens of another policy',
      reason:
        'The original used the policy to choose the metadata, and did not compare it with the token. So a token of a policy without a second factor was accepted for a policy that requires one.',
      instead: 'List them: `policies: […]`. Or set `allowOtherPolicies: true` during a migration.',
      rows: ['a token of another policy', 'a token without a policy'],
    },
    {
      title: 'A tenant that is missing, or is not that of the issuer',
      reason: 'APIs store data by `tid`. A token must not name one tenant in `tid` and another one in `iss`.',
      rows: [
        'a tid that disagrees with the issuer',
        'no tid',
        '/common/ with validateIssuer false, tid and issuer disagree',
        'a tid that disagrees, B2C',
      ],
    },
    {
      title: 'Issuers other than Entra, if `validateIssuer` is false',
      reason:
        'Now it accepts any tenant of Entra, and no longer any text as the issuer. With B2C, whose metadata has one issuer, it has no effect.',
      instead: 'List the accepted tenants: `tenants: […]`.',
      rows: [
        'validateIssuer false, an issuer that is not of Entra',
        '/common/ with validateIssuer false, an issuer that is not of Entra',
        'validateIssuer false, B2C, another B2C tenant',
      ],
    },
    {
      title: 'The template of the shared metadata as an issuer',
      reason: "`{tenantid}` stands for the token's tenant. The original compared the template literally.",
      rows: ['/organizations/, a token that has the template as its issuer'],
    },
    {
      title: 'Algorithms that only the metadata lists',
      reason:
        'Tokens of Entra are signed with RS256. A list from the network must not add algorithms, above all not HS256, whose secret would be the public key.',
      rows: [
        'HS256 with the public key in PEM, where the metadata lists HS256',
        'PS256, where the metadata lists it',
      ],
    },
    {
      title: 'Keys for other uses',
      reason:
        'A key must be an RSA key of at least 2048 bits for signatures. A key that names an issuer serves that issuer only. If no key is left, the answer is 503.',
      rows: [
        'a key of 1024 bits',
        'a key for encryption',
        'a key for another algorithm',
        'a key without kty',
        'a key that names the issuer of another tenant',
      ],
    },
    {
      title: 'Keys from a foreign host',
      reason:
        "Keys come from the authority's host or from a host of Microsoft. If the metadata names another host, the answer is 503.",
      rows: ['metadata whose keys are on a foreign host'],
    },
    {
      title: 'A key that only `x5t` names',
      reason: 'Every token of Entra has a `kid`. The original compared `x5t` with the `kid` of keys.',
      rows: ['an x5t and no kid'],
    },
    {
      title: 'Malformed tokens',
      reason:
        'RFC 7515 and RFC 7519: base64url has one canonical form, `crit` must be understood, and times are numbers. In tokens of Entra `scp` is a string, and there is one audience.',
      rows: [
        'a bit in the signature that counts for nothing',
        'crit in the header',
        'a list of one audience',
        'a fraction as exp',
        'an exp without end',
        'null as nbf',
        'iat in a day',
        'a text as iat',
        'a list as scp, where no scope is needed',
      ],
    },
    {
      title: 'Tokens that are bound to a key',
      reason:
        'The sender must prove possession of the key. entra-guard can not check that here, so it does not accept the token as a bearer token.',
      rows: ['a token that is bound to a key'],
    },
    {
      title: 'Two credentials at once',
      reason:
        'RFC 6750 section 2: a request contains one token, sent in one way. Of two `Authorization` headers Node keeps the first, but a proxy may have checked the other. The answer is 400.',
      rows: [
        'the header twice, with the token in both',
        'the header twice, with Basic after it',
        'the token in a form, with a broken header',
        'Nest: two Authorization headers',
      ],
    },
    {
      title: 'Body tokens with GET',
      reason:
        'RFC 6750 section 2.2: the body of a GET request has no meaning, and caches and proxies ignore it.',
      rows: ['the token in a form that came with GET'],
    },
    {
      title: '`clockSkew: 0`',
      reason: 'It means no tolerance. The original used 300 seconds in its place.',
      instead: 'Remove the option: the default is 300 seconds.',
      rows: ['clockSkew 0, a token that expired 100 seconds ago'],
    },
    {
      title: 'A tenant from the request that is not a tenant',
      reason:
        'The original wrote `tenantIdOrName` into the address of the metadata unchanged. A path in it chose another tenant.',
      rows: ['/common/ with a path as tenantIdOrName'],
    },
  ],
  'Refused before, accepted now': [
    {
      title: 'New keys, from the first token on',
      reason:
        'An unknown key ID causes the key set to be read again, at most twice a minute. The original refused valid tokens until its cache was half an hour old.',
      rows: ['a new key is published, and signs at once'],
    },
    {
      title: 'Known keys while the authority is down',
      reason:
        'They are trusted for a day. The original dropped them after half an hour, even if it could not read new ones.',
      instead: '`keys: { hardAge }` for another time.',
      rows: ['the authority goes down while keys are known, for 29 and for 120 minutes'],
    },
    {
      title: 'Withdrawn keys, for up to an hour',
      reason:
        'After half an hour, the next request starts a refresh and does not wait for it. After an hour it waits. The original always waited.',
      instead: "`keys: { softAge: '15m' }`: no withdrawn key is trusted for longer than half an hour.",
      rows: ['a key is withdrawn: 29, 31 and 61 minutes later'],
    },
    {
      title: 'Valid keys among invalid ones',
      reason: 'A key that can not be used is skipped. The others still work.',
      rows: ['null among the keys', 'the kid twice, the foreign key first'],
    },
    {
      title: 'The key that `kid` names',
      reason: 'The original compared `x5t` of the token with `kid` of the keys first.',
      rows: ['kid, and an x5t that names no key'],
    },
    {
      title: 'Metadata that lists no algorithm',
      reason: 'RS256 is always required.',
      rows: ['metadata that lists no algorithm', 'metadata whose list of algorithms is empty'],
    },
    {
      title: 'GUIDs in any case, and one slash more or less',
      reason:
        'GUIDs do not depend on case, and Entra writes an Application ID URI with or without a slash at its end.',
      rows: [
        'a clientID in capitals',
        'the client ID as audience, in capitals',
        'the client ID as option, in capitals',
        'audience as option, with a slash more in the token',
        'audience as option, with a slash more in the option',
      ],
    },
    {
      title: 'Ways of writing `typ` and the header',
      reason:
        'RFC 7515 compares `typ` without case, RFC 9068 adds `at+jwt`, and RFC 9110 allows more than one space after the scheme.',
      rows: ['typ in lower case', 'typ of at+jwt', 'two spaces after the scheme'],
    },
    {
      title: 'The last second before `nbf`',
      reason: 'A token that becomes valid in exactly `clockSkew` seconds is accepted.',
      rows: ['nbf in 300 seconds'],
    },
    {
      title: 'Addresses that did not work',
      reason:
        'The meaning of such an `identityMetadata` is clear. The original fetched it unchanged and answered 401 to every request.',
      rows: ['identityMetadata with a slash at its end', 'identityMetadata that is only the authority'],
    },
    {
      title: 'Every organisation, or some',
      reason:
        'With `/organizations/` the original compared a template with issuers, so it accepted no token.',
      instead: 'Set the new option `tenants`.',
      rows: ['/organizations/ with the list of tenants that only ours has'],
    },
    {
      title: 'Options are read once',
      reason:
        'The original changed the object and read it again later. entra-guard copies it, so it may be frozen.',
      rows: ['options that change after construction', 'frozen options'],
    },
  ],
  'The process ended or did not answer, and now there is an answer': [
    {
      title: 'Metadata or keys that are not JSON',
      reason:
        'A captive portal, a proxy or an outage must not end a service. The answer is 503, until a valid document is read.',
      rows: [
        'metadata: HTML',
        'metadata: HTML, and the process goes on after uncaught exceptions',
        'metadata: empty',
        'metadata: null',
        'metadata whose keys come over http',
        'keys: HTML',
        'keys: empty',
        'keys: null',
        'keys: 404',
        'keys: 500',
        'keys: 302',
        'Nest: metadata that is HTML',
      ],
    },
    {
      title: 'Requests without a token while the metadata is invalid',
      reason: 'The original read metadata before it looked for a token.',
      rows: ['metadata: HTML, and no token', 'metadata: no answer, and no token'],
    },
    {
      title: 'An authority that does not answer, or not completely',
      reason:
        'There is a time limit, 5 seconds by default. The original waited forever, and so did later requests.',
      rows: ['metadata: cut short', 'metadata: no answer', 'keys: cut short', 'keys: no answer'],
    },
    {
      title: 'A `verify` that throws or rejects',
      reason: "The error goes to the application's error handler. What is thrown after `done` has no effect.",
      rows: [
        'verify throws',
        'verify throws, custom callback',
        'verify throws a text',
        'verify throws nothing',
        'verify throws after done',
        'verify rejects',
        'verify rejects after done',
        'passReqToCallback, verify throws',
      ],
    },
    {
      title: 'Claims of a wrong type',
      reason: 'A token whose `scp` is not a string is malformed.',
      rows: ['a list as scp, where a scope is needed', 'a number as scp, where a scope is needed'],
    },
    {
      title: 'The reason that `verify` gives for a refusal',
      reason:
        'The original wrote it into a header unchanged, or with `JSON.stringify`. A value that can not be written there ended the process.',
      rows: [
        'done(null, false, text with a line break), loggingNoPII false',
        'done(null, false, text beyond Latin-1), loggingNoPII false',
        'done(null, false, circular object), loggingNoPII false',
        'done(null, false, circular object)',
      ],
    },
  ],
  'Another status': [
    {
      title: '403 for a missing scope',
      reason:
        'RFC 6750 section 3.1: the token is valid, and a new sign-in would not help. The challenge names the required scope.',
      instead: '`legacyResponses: true` answers 401 as before.',
      rows: [
        'a tab between scopes',
        'another scope',
        'another scope, Express 4 and Passport 0.6',
        'another scope, loggingNoPII false',
        'a scope that begins alike',
        'the scope in lower case',
        'an app-only token with a role, where a scope is needed',
        'the scope among roles',
        'a scope that is missing, and verify would throw',
        'a scope that is missing, B2C',
        'Nest: a scope that is missing',
      ],
    },
    {
      title: '400 for a request that is malformed',
      reason: 'RFC 6750 section 3.1: a broken header, a token in the query, more than one token.',
      instead: '`legacyResponses: true` answers 401 as before.',
      rows: [
        'a tab after the scheme',
        'a word after the token',
        'a comma after the token',
        'the token in quotes',
        'the scheme without a token',
        'the scheme and a space',
        'an empty header',
        'the token twice in a form',
        'the token in a nested field of a form',
        'a number as access_token in a JSON body',
        'true as access_token in a JSON body',
        'a list as access_token in a JSON body',
        'the token in the header and in a form',
        'the token in the query',
        'the token in the header and in the query',
        'the token in a form and in the query',
        'white space in the payload part',
        'Nest: the token in the query',
      ],
    },
    {
      title: '503 while keys are unavailable',
      reason:
        'The token may be valid, and clients would discard it after a 401. `Retry-After` says when to try again. The original also cached a response without keys for half an hour. Passport gets an error and not a refusal, so a custom callback gets it as its first argument.',
      rows: [
        'metadata: connection refused',
        'metadata: an empty object',
        'metadata: a list',
        'metadata: 404',
        'metadata: 500',
        'metadata: 500 with JSON',
        'metadata: 429',
        'metadata: 302',
        'metadata: 500, custom callback',
        'metadata: 500, Express 4 and Passport 0.6',
        'metadata of another tenant',
        'metadata without an issuer',
        'keys: connection refused',
        'keys: an empty object',
        'keys: an empty list',
        'keys: 500 with JSON',
        'a key without a modulus',
        'a key without an exponent',
        'a key of another kind under the kid',
        'Nest: metadata with status 500',
      ],
    },
    {
      title: '500 for a wrong configuration',
      reason: "Callers can't fix it. The reason is in the log.",
      rows: [
        '/common/, nothing said of issuers',
        '/common/, nothing said of issuers, and no token',
        '/common/ with an empty tenantIdOrName',
        '/common/ with B2C, and no tenantIdOrName',
      ],
    },
    {
      title: 'The first `done` counts',
      reason:
        'With the original, a `validate` of NestJS that calls `done` and returns nothing left the text of a refusal in `req.authInfo`.',
      rows: ['Nest: validate calls done and returns nothing'],
    },
  ],
  'Invalid options are reported at start': [
    {
      title: 'Unset environment variables, and placeholders',
      reason: 'The original refused every request, and did not say why.',
      rows: [
        'a clientID with a space at its end',
        'a clientID that is not a GUID',
        'a clientID that is not a GUID, with audience',
        'the name of the unset variable as clientID',
        'a number as clientID',
        'identityMetadata with an unset tenant',
        'identityMetadata with an underscore for the hyphen',
        'an empty list of audiences',
        'an unset audience in a list',
        'a number as issuer',
        'a number as audience',
        'an unset issuer in a list',
        'an unset scope in the list',
        'a scope that is unset, alone',
        'an empty text in the list of scopes',
        'clockSkew that is not a number',
      ],
    },
    {
      title: 'Flags that are strings',
      reason: "`'false'` was true for some options and false for others.",
      rows: [
        "'false' as validateIssuer",
        "'true' as isB2C",
        "'true' as passReqToCallback",
        '1 as passReqToCallback',
      ],
    },
    {
      title: 'A scope in full',
      reason: 'Tokens contain short names, so a scope with its URI was never found.',
      rows: ['the scope in full in the option'],
    },
    {
      title: '`/organizations/` without issuers or tenants',
      reason: 'The original accepted no token.',
      instead: "`tenants: […]`, or `tenants: 'any-organization'`.",
      rows: ['/organizations/, nothing said of issuers'],
    },
    {
      title: 'Issuers other than Entra',
      reason: 'Each issuer of Entra contains the GUID of its tenant. A template does not.',
      rows: [
        'issuer as option that is not of Entra',
        '/common/ with the template as issuer, and a token that has it',
      ],
    },
    {
      title: '`clockSkew` of more than 300 seconds, and `ignoreExpiration`',
      reason: 'Expired tokens would be accepted.',
      rows: ['clockSkew 301', 'ignoreExpiration'],
    },
    {
      title: '`proxy`',
      reason: 'It is not supported. If it were ignored, that would show only in production.',
      instead: 'Set `fetch` to a function that uses the proxy.',
      rows: ['a proxy'],
    },
  ],
};

/** Where the texts of `legacyResponses` differ from those of the original. */
export const OTHER_WORDS: readonly Difference[] = [
  {
    title: 'Several faults in one request',
    reason: 'The first check that fails gives the text, and the order of the checks is different.',
    rows: [
      'a header that is not JSON',
      'a header that is null',
      'a header that is a list',
      'an empty object as header',
      'a payload that is not JSON',
      'a signature that is cut short',
      'an empty scp',
      'no scp, where a scope is needed',
      'an ID token, where a scope is needed',
    ],
  },
  {
    title: 'Requests that are malformed',
    reason: 'Text that is not a token is not decoded.',
    rows: [
      'a comma after the token',
      'the token in quotes',
      'the token twice in a form',
      'the token in a nested field of a form',
      'a number as access_token in a JSON body',
      'true as access_token in a JSON body',
      'a list as access_token in a JSON body',
      'white space in the payload part',
    ],
  },
  {
    title: "Callers don't see what is in the token",
    reason: 'With `loggingNoPII: false` the original wrote the scopes of the token into the challenge.',
    rows: ['another scope, loggingNoPII false'],
  },
  {
    title: 'No token while the metadata is unavailable',
    reason: 'entra-guard looks for a token first.',
    rows: ['metadata: no token, connection refused'],
  },
];

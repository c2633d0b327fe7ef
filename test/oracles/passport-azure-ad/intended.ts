/** A way in which ours is meant to differ, with every row that shows it. */
export interface Difference {
  readonly title: string;
  /** The reason, for those who migrate. */
  readonly reason: string;
  /** What to do where something depended on the old way. */
  readonly instead?: string;
  /** Names of rows. */
  readonly rows: readonly string[];
}

/** Differences by what they mean for those who migrate. */
export const INTENDED: Readonly<Record<string, readonly Difference[]>> = {
  'Accepted before, refused now': [
    {
      title: 'ID tokens',
      reason:
        'An ID token tells an app who signed in. It has the same audience and issuer as an access token of the same app registration, but no permission, and every app that the user signs in to can have one.',
      instead: '`allowIdTokens: true` for the time of a migration.',
      rows: ['an ID token', 'an ID token, custom callback', 'an ID token, B2C', 'Nest: an ID token'],
    },
    {
      title: 'Apps without a role',
      reason:
        'Every app of the tenant can get an app-only token for an API, although no user or administrator has consented. Only a role says that it may call. The answer is 403: the app is known, and lacks a permission.',
      instead:
        'Give the app an application permission, or `allowAppsWithoutRoles: true` for the time of a migration.',
      rows: ['an app-only token without a role', 'Nest: an app-only token without a role'],
    },
    {
      title: 'A user that is a promise, or an error',
      reason:
        "A database query that was not awaited is a promise, and a promise is a user to passport, also where the query finds no user. It is waited for now, and what it gives is the user; an error in the user's place is an error.",
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
        "The kind of a token has to be clear: a user's has a scope, an app's has the same `sub` and `oid`, and `idtyp` agrees with that. The original did not check this.",
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
        'The policy chose the metadata and was never compared with the token: a token of a policy without a second factor passed where the other policy asks for one.',
      instead: 'List them: `policies: […]`. Or `allowOtherPolicies: true` for the time of a migration.',
      rows: ['a token of another policy', 'a token without a policy'],
    },
    {
      title: 'A tenant that is missing, or is not that of the issuer',
      reason: 'Data are kept by `tid`. A token must not name one tenant there and another one as its issuer.',
      rows: [
        'a tid that disagrees with the issuer',
        'no tid',
        '/common/ with validateIssuer false, tid and issuer disagree',
        'a tid that disagrees, B2C',
      ],
    },
    {
      title: 'Issuers that are none of Entra, where `validateIssuer` is false',
      reason:
        'It means any tenant of Entra, and no longer any text. With B2C, whose metadata have one issuer, it has no effect.',
      instead: 'List the accepted tenants: `tenants: […]`.',
      rows: [
        'validateIssuer false, an issuer that is none of Entra',
        '/common/ with validateIssuer false, an issuer that is none of Entra',
        'validateIssuer false, B2C, another B2C tenant',
      ],
    },
    {
      title: 'The template of the shared metadata as an issuer',
      reason: '`{tenantid}` is to be filled in. The original compared it as it is.',
      rows: ['/organizations/, a token that has the template as its issuer'],
    },
    {
      title: 'Algorithms that only the metadata ask for',
      reason:
        'Tokens of Entra are signed with RS256. A list that comes over the network must not add to that, least of all HS256, whose secret would be the public key.',
      rows: [
        'HS256 with the public key in PEM, where the metadata lists HS256',
        'PS256, where the metadata lists it',
      ],
    },
    {
      title: 'Keys for other uses',
      reason:
        'A key has to be an RSA key of at least 2048 bits for signatures, and one that names an issuer serves that issuer only. Where no key is left the answer is 503.',
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
        "Keys come from the authority's host or from one of Microsoft. If the metadata names another host, the answer is 503.",
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
        'RFC 7515 and RFC 7519: base64url has one way to be written, `crit` must be understood, times are numbers, `scp` is a text, and Entra writes one audience.',
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
        'The sender has to prove possession of the key. That is not checked, so the token is not accepted as a bearer token.',
      rows: ['a token that is bound to a key'],
    },
    {
      title: 'Two credentials at once',
      reason:
        'RFC 6750 section 2: one way of sending a token in a request, and one token. Of two `Authorization` headers Node keeps the first, and a proxy may have looked at the other. The answer is 400.',
      rows: [
        'the header twice, with the token in both',
        'the header twice, with Basic after it',
        'the token in a form, with a broken header',
        'Nest: two Authorization headers',
      ],
    },
    {
      title: 'Body tokens with GET',
      reason: 'RFC 6750 section 2.2: a body has no meaning there, and caches and proxies do not look at it.',
      rows: ['the token in a form that came with GET'],
    },
    {
      title: '`clockSkew: 0`',
      reason: 'It means none, where the original took it for 300 seconds.',
      instead: 'Leave it out for 300 seconds.',
      rows: ['clockSkew 0, a token that expired 100 seconds ago'],
    },
    {
      title: 'A tenant from the request that is not a tenant',
      reason:
        '`tenantIdOrName` was written into the address of the metadata as it is. A path in it chose another tenant.',
      rows: ['/common/ with a path as tenantIdOrName'],
    },
  ],
  'Refused before, accepted now': [
    {
      title: 'New keys, from the first token on',
      reason:
        'An unknown key makes the key set be read again, at most twice a minute. The original refused good tokens until its cache was half an hour old.',
      rows: ['a new key is published, and signs at once'],
    },
    {
      title: 'Known keys while the authority is down',
      reason:
        'They are good for a day. The original forgot them after half an hour, whether there were new ones or not.',
      instead: '`keys: { hardAge }` for another time.',
      rows: ['the authority goes down while keys are known, for 29 and for 120 minutes'],
    },
    {
      title: 'Withdrawn keys, for up to an hour',
      reason:
        'From half an hour on, the next request has the keys read again and does not wait for it; from an hour on it waits. The original always waited.',
      instead: '`keys: { softAge: 900_000 }`: no withdrawn key is trusted for longer than half an hour.',
      rows: ['a key is withdrawn: 29, 31 and 61 minutes later'],
    },
    {
      title: 'Valid keys among invalid ones',
      reason: 'A key that can not be used is skipped. The others still work.',
      rows: ['null among the keys', 'the kid twice, the foreign key first'],
    },
    {
      title: 'The key that `kid` names',
      reason: 'The original looked for `x5t` first, and among the `kid` of keys.',
      rows: ['kid, and an x5t that names no key'],
    },
    {
      title: 'Metadata that list no algorithm',
      reason: 'RS256 is demanded in any case.',
      rows: ['metadata that lists no algorithm', 'metadata whose list of algorithms is empty'],
    },
    {
      title: 'GUIDs in any case, and one slash more or less',
      reason:
        'A GUID is the same in capitals, and Entra writes an Application ID URI with or without a slash at its end.',
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
      reason: 'A token that is good in exactly as many seconds as clocks may differ is accepted.',
      rows: ['nbf in 300 seconds'],
    },
    {
      title: 'Addresses that were never right',
      reason:
        'What `identityMetadata` means is clear. The original fetched it unchanged and answered 401 to every request.',
      rows: ['identityMetadata with a slash at its end', 'identityMetadata that is only the authority'],
    },
    {
      title: 'Every organisation, or some',
      reason:
        'With `/organizations/` the original compared a template with issuers, so that no token passed.',
      instead: 'It takes the new option `tenants`.',
      rows: ['/organizations/ with the list of tenants that only ours has'],
    },
    {
      title: 'Options are read once',
      reason:
        'The original wrote into the object and went on reading from it. Ours takes a copy, and frozen ones, too.',
      rows: ['options that change after construction', 'frozen options'],
    },
  ],
  'The process ended or hung, and now there is an answer': [
    {
      title: 'Metadata or keys that are not JSON',
      reason:
        'A captive portal, a proxy or an outage must not end a service. The answer is 503, and the next good document is taken.',
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
      title: 'Requests without a token while the metadata are broken',
      reason: 'The original read metadata before it looked for a token.',
      rows: ['metadata: HTML, and no token', 'metadata: no answer, and no token'],
    },
    {
      title: 'An authority that does not answer, or not to the end',
      reason:
        'There is a time limit, 5 seconds by default. The original waited for ever, and so did later requests.',
      rows: ['metadata: cut short', 'metadata: no answer', 'keys: cut short', 'keys: no answer'],
    },
    {
      title: 'A `verify` that throws or rejects',
      reason:
        "It goes to the application's error handler. What is thrown after `done` changes nothing any more.",
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
      reason: 'A token whose `scp` is not text is malformed.',
      rows: ['a list as scp, where a scope is needed', 'a number as scp, where a scope is needed'],
    },
    {
      title: 'What `verify` says about a refusal',
      reason:
        'It went into a header as it was, or through `JSON.stringify`, and what can not be written there ended the process.',
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
        'RFC 6750 section 3.1: the token is good, and signing in again would not help. The challenge names the scope that would.',
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
        'The token is not at fault, and clients would throw it away after a 401. `Retry-After` says when to try again. The original also kept an answer without keys for half an hour. Passport gets an error and no refusal, so a custom callback has it as its first argument.',
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
      title: '500 where the set-up is wrong',
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
        'A `validate` of NestJS that calls `done` and returns nothing left the text of a refusal in `req.authInfo`.',
      rows: ['Nest: validate calls done and returns nothing'],
    },
  ],
  'Wrong options are found at start': [
    {
      title: 'Environment variables that are not set, and place-holders',
      reason: 'With these every request was refused, and nothing said why.',
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
      title: 'Flags that are text',
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
      reason: 'Tokens hold short names, so that a scope with its URI was never found.',
      rows: ['the scope in full in the option'],
    },
    {
      title: '`/organizations/` without issuers or tenants',
      reason: 'No token could pass.',
      instead: "`tenants: […]`, or `tenants: 'any-organization'`.",
      rows: ['/organizations/, nothing said of issuers'],
    },
    {
      title: 'Issuers that are none of Entra',
      reason: 'Each issuer of Entra names its tenant. A template names none.',
      rows: [
        'issuer as option that is none of Entra',
        '/common/ with the template as issuer, and a token that has it',
      ],
    },
    {
      title: '`clockSkew` of more than 300 seconds, and `ignoreExpiration`',
      reason: 'Expired tokens would go on being accepted.',
      rows: ['clockSkew 301', 'ignoreExpiration'],
    },
    {
      title: '`proxy`',
      reason: 'It is not supported, and ignoring it would only show in production.',
      instead: 'Give a `fetch` that goes through the proxy.',
      rows: ['a proxy'],
    },
  ],
};

/** Where the old texts of `legacyResponses` are not those of the original. */
export const OTHER_WORDS: readonly Difference[] = [
  {
    title: 'Several things are wrong at once',
    reason: 'Checks have another order here, and the first that fails gives the text.',
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
    reason: 'With `loggingNoPII: false` its scopes went into the challenge.',
    rows: ['another scope, loggingNoPII false'],
  },
  {
    title: 'No token while the metadata are unavailable',
    reason: 'The token is looked for first.',
    rows: ['metadata: no token, connection refused'],
  },
];

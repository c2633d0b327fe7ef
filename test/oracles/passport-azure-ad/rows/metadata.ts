import { Faulty } from '../../../support/authority-server.js';
import { LOGIN, TENANT, v2Issuer, WELL_KNOWN } from '../../../support/forger.js';
import { sentenceOf } from '../../../support/sentences.js';
import { published } from '../published.js';
import type { Row } from '../row.js';
import { user } from '../tokens.js';

const METADATA = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const token = user();
const HEALTHY = published();
const MINUTE = 60_000;
const metadata = (fault: Faulty['fault']) => ({ [METADATA]: new Faulty(fault) });
const keys = (fault: Faulty['fault']) => ({ [KEYS]: new Faulty(fault) });
/** Sends a request, ends the fault, and sends another request a minute later. */
const recovering: NonNullable<Row['play']> = async (contender, ask, documents) => {
  const during = await contender.ask(ask);
  contender.authority.publish({ ...documents, ...HEALTHY });
  await contender.advance(MINUTE);
  return [during, await contender.ask(ask)];
};
const impatient = { keys: { timeout: 0.1 } };

export const metadataRows: readonly Row[] = [
  {
    name: 'metadata: connection refused',
    token,
    documents: metadata('down'),
    play: recovering,
    original: ['401; no challenge', '200, user {}, authInfo claims'],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'metadata: no token, connection refused',
    documents: metadata('down'),
    original: '401; no challenge',
    ours: '401; Bearer',
    legacy: '401; token is not found',
  },
  {
    name: 'metadata: HTML',
    token,
    documents: metadata('HTML'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: HTML, and the process goes on after uncaught exceptions',
    token,
    documents: metadata('HTML'),
    survive: true,
    hangs: 'original',
    play: recovering,
    original: ['no answer', 'no answer'],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'metadata: HTML, and no token',
    documents: metadata('HTML'),
    original: 'the process ends: SyntaxError',
    ours: '401; Bearer',
    legacy: '401; token is not found',
  },
  {
    name: 'metadata: empty',
    token,
    documents: metadata('empty'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: null',
    token,
    documents: metadata('null'),
    original:
      "the process ends: TypeError: Cannot read properties of null (reading 'id_token_signing_alg_values_supported')",
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: an empty object',
    token,
    documents: { [METADATA]: {} },
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: a list',
    token,
    documents: { [METADATA]: [] },
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: cut short',
    token,
    hangs: 'original',
    documents: metadata('cut in mid-body'),
    original: 'no answer',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: 404',
    token,
    documents: metadata('404'),
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: 500',
    token,
    documents: metadata('500'),
    play: recovering,
    original: ['401; no challenge', '200, user {}, authInfo claims'],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'metadata: 500 with JSON',
    token,
    documents: metadata('500 with JSON'),
    play: recovering,
    original: ['401; no challenge', '200, user {}, authInfo claims'],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'metadata: 429',
    token,
    documents: metadata('429'),
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: 302',
    token,
    documents: metadata('302'),
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: 500, custom callback',
    host: 'callback',
    token,
    documents: metadata('500'),
    original: 'callback(error null, user false, info "Cannot get AAD Federation metadata"); no challenge',
    ours: `callback(error "${sentenceOf('keys_unavailable')}", user undefined, info undefined); no challenge`,
  },
  {
    name: 'metadata: 500, Express 4 and Passport 0.6',
    generation: 'old',
    token,
    documents: metadata('500'),
    original: '401; no challenge',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: no answer',
    token,
    more: impatient,
    documents: metadata('hangs before headers'),
    hangs: 'original',
    original: 'no answer',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata: no answer, and no token',
    more: impatient,
    documents: metadata('hangs before headers'),
    hangs: 'original',
    original: 'no answer',
    ours: '401; Bearer',
    legacy: '401; token is not found',
  },
  {
    name: 'metadata of another tenant',
    token,
    documents: {
      [METADATA]: {
        issuer: v2Issuer('bbbbcccc-1111-dddd-2222-eeee3333ffff'),
        jwks_uri: KEYS,
        id_token_signing_alg_values_supported: ['RS256'],
      },
    },
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata without an issuer',
    token,
    documents: { [METADATA]: { jwks_uri: KEYS, id_token_signing_alg_values_supported: ['RS256'] } },
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata whose keys are on a foreign host',
    token,
    documents: {
      [METADATA]: {
        issuer: v2Issuer(TENANT),
        jwks_uri: 'https://keys.example/keys',
        id_token_signing_alg_values_supported: ['RS256'],
      },
      'https://keys.example/keys': HEALTHY[KEYS],
    },
    original: '200, user {}, authInfo claims',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'metadata whose keys come over http',
    token,
    documents: {
      [METADATA]: {
        issuer: v2Issuer(TENANT),
        jwks_uri: 'http://login.microsoftonline.com/keys',
        id_token_signing_alg_values_supported: ['RS256'],
      },
    },
    original: 'the process ends: TypeError: Protocol "http:" not supported. Expected "https:"',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: connection refused',
    token,
    documents: keys('down'),
    play: recovering,
    original: ['401; no challenge', '200, user {}, authInfo claims'],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'keys: HTML',
    token,
    documents: keys('HTML'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: empty',
    token,
    documents: keys('empty'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: null',
    token,
    documents: keys('null'),
    original: "the process ends: TypeError: Cannot read properties of null (reading 'keys')",
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: an empty object',
    token,
    documents: { [KEYS]: {} },
    play: recovering,
    original: [
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'keys: an empty list',
    token,
    documents: { [KEYS]: { keys: [] } },
    play: recovering,
    original: [
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'keys: cut short',
    token,
    hangs: 'original',
    documents: keys('cut in mid-body'),
    original: 'no answer',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: 404',
    token,
    documents: keys('404'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: 500',
    token,
    documents: keys('500'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: 500 with JSON',
    token,
    documents: keys('500 with JSON'),
    play: recovering,
    original: [
      '401; no challenge',
      '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ],
    ours: [`503 with Retry-After: ${sentenceOf('keys_unavailable')}`, '200, user {}, authInfo claims'],
  },
  {
    name: 'keys: 302',
    token,
    documents: keys('302'),
    original: 'the process ends: SyntaxError',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'keys: no answer',
    token,
    more: impatient,
    documents: keys('hangs before headers'),
    hangs: 'original',
    original: 'no answer',
    ours: `503 with Retry-After: ${sentenceOf('keys_unavailable')}`,
  },
  {
    name: 'the authority goes down while keys are known, for 29 and for 120 minutes',
    token: user({ exp: 1_790_000_000 + 86_400 }),
    play: async (contender, ask, documents) => {
      const before = await contender.ask(ask);
      contender.authority.publish({ ...documents, ...metadata('500'), ...keys('500') });
      await contender.advance(29 * MINUTE);
      const soon = await contender.ask(ask);
      await contender.advance(91 * MINUTE);
      return [before, soon, await contender.ask(ask)];
    },
    original: ['200, user {}, authInfo claims', '200, user {}, authInfo claims', '401; no challenge'],
    ours: ['200, user {}, authInfo claims', '200, user {}, authInfo claims', '200, user {}, authInfo claims'],
  },
];

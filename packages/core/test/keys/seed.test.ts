import {
  createValidator,
  type Duration,
  type KeyOptions,
  type KeySnapshot,
  type SavedDocument,
  type Validator,
} from '@entra-guard/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Answer,
  API,
  documents,
  KEY,
  LOGIN,
  NOW,
  STRANGER,
  TENANT,
  tenantPages,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';
import { DAY, HOUR, KEYS, METADATA, NEXT, TenantStage } from '../../../../test/support/tenant-stage.js';

let stage: TenantStage;

beforeEach(() => {
  stage = new TenantStage();
});

function validatorWith(
  seed: unknown,
  { fetch = stage.docs.fetch, ...keys }: { fetch?: typeof globalThis.fetch; hardAge?: Duration } = {},
): Validator {
  return createValidator(stage.options({ fetch, keys: { ...keys, seed } as KeyOptions }));
}

/** Saved by a process that has read its keys, kept as JSON. */
async function saved(pages = tenantPages()): Promise<KeySnapshot> {
  const validator = validatorWith(undefined, { fetch: documents(pages).fetch });
  await validator.ready();
  return JSON.parse(JSON.stringify(validator.snapshot()));
}

const unreachable: typeof globalThis.fetch = async () => {
  throw new TypeError('fetch failed');
};

describe('a snapshot', () => {
  it('holds the cached metadata and keys as plain JSON', async () => {
    expect(await saved()).toEqual({
      version: 1,
      documents: [
        {
          url: METADATA,
          fetchedAt: new Date(NOW).toISOString(),
          content: expect.objectContaining({ issuer: `${LOGIN}/${TENANT}/v2.0`, jwks_uri: KEYS }),
        },
        {
          url: KEYS,
          fetchedAt: new Date(NOW).toISOString(),
          content: {
            keys: [
              {
                kty: 'RSA',
                use: 'sig',
                kid: KEY.kid,
                issuer: `${LOGIN}/{tenantid}/v2.0`,
                n: KEY.jwk.n,
                e: KEY.jwk.e,
              },
            ],
          },
        },
      ],
    });
  });

  it('is nothing but JSON: no member without a value', async () => {
    const bare = { kty: 'RSA', kid: 'bare', n: KEY.jwk.n, e: KEY.jwk.e };
    stage.docs.pages.set(KEYS, { keys: [KEY.jwk, bare] });
    const validator = validatorWith(undefined);
    await validator.ready();
    const snapshot = validator.snapshot();
    expect(snapshot).toStrictEqual(JSON.parse(JSON.stringify(snapshot)));
    expect(snapshot.documents[1]?.content.keys).toContainEqual({ ...bare, use: 'sig' });
  });

  it('says what a key is for, and names no issuer where the key names none', async () => {
    const pages = tenantPages();
    const jwk = { ...KEY.jwk, alg: 'RS256' };
    const validator = validatorWith(await saved({ ...pages, [KEYS]: { keys: [jwk] } }));
    await validator.ready();
    expect(validator.snapshot().documents[1]?.content).toEqual({ keys: [jwk] });
  });

  it('keeps where users are sent to, for step-up', async () => {
    const pages = tenantPages();
    const metadata = { ...(pages[METADATA] as object), authorization_endpoint: `${LOGIN}/authorize` };
    const [{ content }] = (await saved({ ...pages, [METADATA]: metadata })).documents as [SavedDocument];
    expect(content.authorization_endpoint).toBe(`${LOGIN}/authorize`);
    const without = { ...metadata, authorization_endpoint: undefined };
    const [bare] = (await saved({ ...pages, [METADATA]: without })).documents;
    expect(bare?.content).not.toHaveProperty('authorization_endpoint');
  });

  it('is empty while nothing has been read, and leaves out what has expired', async () => {
    const validator = validatorWith(undefined);
    expect(validator.snapshot()).toEqual({ version: 1, documents: [] });
    await validator.ready();
    stage.now += DAY;
    expect(validator.snapshot().documents).toEqual([]);
  });

  it('holds a document once that several authorities share', async () => {
    const one = {
      tenantId: TENANT,
      clientId: API,
      fetch: stage.docs.fetch,
      now: stage.clock,
      log: false,
    } as const;
    const validator = createValidator([one, { ...one, clientId: '00009999-aaaa-2222-bbbb-3333cccc4444' }]);
    await validator.ready();
    expect(validator.snapshot().documents.map(({ url }) => url)).toEqual([METADATA, KEYS]);
  });
});

describe('a validator with a seed', () => {
  it('starts without asking anybody', async () => {
    const validator = validatorWith(await saved());
    expect(await outcomeOf(validator, stage.token())).toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
  });

  it('works where nothing can be reached, for as long as keys are trusted and no longer', async () => {
    const validator = validatorWith(await saved(), { fetch: unreachable });
    stage.now += DAY - 1;
    expect(await outcomeOf(validator, stage.token())).toBe('accepted');
    stage.now += 1;
    expect(await outcomeOf(validator, stage.token())).toBe('keys_unavailable');
  });

  it('is not helped by one that is too old', async () => {
    const seed = await saved();
    stage.now += DAY;
    expect(await outcomeOf(validatorWith(seed, { fetch: unreachable }), stage.token())).toBe(
      'keys_unavailable',
    );
    expect(await outcomeOf(validatorWith(seed, { fetch: unreachable, hardAge: '90d' }), stage.token())).toBe(
      'accepted',
    );
  });

  it('refreshes one that is past the soft age', async () => {
    const seed = await saved();
    stage.now += HOUR;
    stage.docs.pages.set(KEYS, { keys: [NEXT.jwk] });
    const validator = validatorWith(seed);
    await outcomeOf(validator, stage.token());
    await expect.poll(() => validator.state().keyIds).toEqual([NEXT.kid]);
  });

  it('looks again for a key that the seed does not hold', async () => {
    const validator = validatorWith(await saved());
    stage.docs.pages.set(KEYS, { keys: [NEXT.jwk] });
    expect(await outcomeOf(validator, stage.token(NEXT))).toBe('accepted');
  });

  it('lends its keys to no validator without the same seed', async () => {
    const seed = await saved({ ...tenantPages(), [KEYS]: { keys: [STRANGER.jwk] } });
    const seeded = validatorWith(seed);
    expect(await outcomeOf(seeded, stage.token(STRANGER))).toBe('accepted');
    const plain = validatorWith(undefined);
    expect(await outcomeOf(plain, stage.token(STRANGER))).toBe('signing_key_not_found');
    const twin = validatorWith(structuredClone(seed));
    stage.docs.asked.length = 0;
    expect(await outcomeOf(twin, stage.token(STRANGER))).toBe('accepted');
    expect(stage.docs.asked).toEqual([]);
  });

  it('has taken a copy of it', async () => {
    const seed = await saved();
    const validator = validatorWith(seed);
    (seed.documents[1] as { content: unknown }).content = { keys: [STRANGER.jwk] };
    expect(await outcomeOf(validator, stage.token(STRANGER))).not.toBe('accepted');
    expect(await outcomeOf(validator, stage.token())).toBe('accepted');
  });

  it.each([
    [
      'metadata of another tenant',
      0,
      {
        content: { issuer: `${LOGIN}/bbbbcccc-1111-dddd-2222-eeee3333ffff/v2.0`, jwks_uri: KEYS },
      },
      'names tenant bbbbcccc',
    ],
    [
      'keys on a foreign host',
      0,
      { content: { issuer: `${LOGIN}/${TENANT}/v2.0`, jwks_uri: 'https://evil.example/keys' } },
      'does not belong',
    ],
    ['a set without usable keys', 1, { content: { keys: [] } }, 'no usable key'],
    ['a copy from the future', 1, { fetchedAt: new Date(NOW + 300_001).toISOString() }, 'in the future'],
  ])('leaves out %s, says so, and fetches it', async (_, index, change, reason) => {
    const seed = await saved();
    Object.assign(seed.documents[index] as object, change);
    const validator = validatorWith(seed);
    expect(await outcomeOf(validator, stage.token())).toBe('accepted');
    expect(stage.docs.asked).toEqual([index === 0 ? METADATA : KEYS]);
    expect(stage.log).toEqual([
      expect.objectContaining({ level: 'warn', event: 'keys', message: expect.stringContaining(reason) }),
    ]);
  });

  it('bears a clock that is a little behind the one that saved it', async () => {
    const seed = await saved();
    stage.now -= 300_000;
    // A separate fetch: no other validator has read this seed for it.
    const fetch: typeof globalThis.fetch = (...request) => unreachable(...request);
    expect(await outcomeOf(validatorWith(seed, { fetch }), stage.token())).toBe('accepted');
  });

  const TIME = new Date(NOW).toISOString();
  const circular: Record<string, unknown> = { version: 1 };
  circular.documents = [circular];
  it.each([
    ['text', '{}'],
    ['null', null],
    ['a list', []],
    ['another version', { version: 2, documents: [] }],
    ['no documents', { version: 1 }],
    ['a document without a URL', { version: 1, documents: [{ fetchedAt: TIME, content: {} }] }],
    ['a document without a time', { version: 1, documents: [{ url: KEYS, content: {} }] }],
    ['a time in milliseconds', { version: 1, documents: [{ url: KEYS, fetchedAt: NOW, content: {} }] }],
    [
      'a time without a zone',
      { version: 1, documents: [{ url: KEYS, fetchedAt: TIME.slice(0, -1), content: {} }] },
    ],
    [
      'a day that is none',
      { version: 1, documents: [{ url: KEYS, fetchedAt: '2026-13-45T00:00:00Z', content: {} }] },
    ],
    ['a time that is none', { version: 1, documents: [{ url: KEYS, fetchedAt: 'now', content: {} }] }],
    [
      'content that is not an object',
      { version: 1, documents: [{ url: KEYS, fetchedAt: TIME, content: 'x' }] },
    ],
    ['what can be no JSON', circular],
  ])('is refused when it is %s', (_, seed) => {
    expect(() => validatorWith(seed)).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        message: expect.stringContaining('keys.seed'),
        hint: expect.stringContaining('validator.snapshot()'),
      }),
    );
  });

  it('that names a failed answer changes nothing', async () => {
    const validator = validatorWith({ version: 1, documents: [] });
    stage.docs.pages.set(METADATA, new Answer(() => new Response('', { status: 500 })));
    expect(await outcomeOf(validator, stage.token())).toBe('keys_unavailable');
  });
});

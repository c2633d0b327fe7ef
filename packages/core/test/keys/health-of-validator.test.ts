import { createValidator, type Validator } from '@entra-guard/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  API,
  NOW,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';
import { HOUR, KEYS, METADATA, TenantStage } from '../../../../test/support/tenant-stage.js';

let stage: TenantStage;

beforeEach(() => {
  stage = new TenantStage();
});

const common = () => ({ clientId: API, fetch: stage.docs.fetch, now: stage.clock, log: false }) as const;
const single = (): Validator => createValidator(stage.options({ log: false }));

/** A token comes, and what that starts has ended. */
async function visit(validator: Validator): Promise<void> {
  await outcomeOf(validator, stage.token());
  await expect
    .poll(() => validator.state().sources.every(({ lastError, stale }) => !stale || lastError !== undefined))
    .toBe(true);
}

describe('health', () => {
  it('loads keys and is up; the second time it sends no request', async () => {
    const validator = single();
    expect(await validator.health()).toMatchObject({
      status: 'up',
      message: 'Signing keys are loaded and fresh.',
      parts: [
        { part: 'keys', name: METADATA, status: 'up' },
        { part: 'keys', name: KEYS, status: 'up' },
      ],
    });
    stage.docs.asked.length = 0;
    await validator.health();
    expect(stage.docs.asked).toEqual([]);
  });

  it('is down while no keys could be read, with the reason, and up again once they can', async () => {
    stage.fail(METADATA);
    const validator = single();
    expect(await validator.health()).toMatchObject({
      status: 'down',
      message: "Signing keys can't be read, and none are loaded.",
      parts: [{ name: METADATA, status: 'down', lastError: 'status 503' }],
    });
    for (const [url, page] of Object.entries(tenantPages())) stage.docs.pages.set(url, page);
    stage.now += 1000;
    expect((await validator.health()).status).toBe('up');
  });

  it('is degraded before it is down, and says until when it lasts', async () => {
    const validator = single();
    await validator.ready();
    stage.fail(METADATA, KEYS);
    stage.now += HOUR;
    await visit(validator);
    const health = await validator.health();
    expect(health.status).toBe('degraded');
    const end = new Date(NOW + 24 * HOUR).toISOString();
    expect(health.message).toBe(`Keys can't be refreshed; the loaded ones are trusted until ${end}.`);
    stage.now = NOW + 24 * HOUR - 1;
    expect((await validator.health()).status).toBe('degraded');
    stage.now += 1;
    expect((await validator.health()).status).toBe('down');
  });

  it('is up after a failure that a refresh has ended', async () => {
    const validator = single();
    await validator.ready();
    stage.fail(KEYS);
    stage.now += HOUR;
    await visit(validator);
    expect(await validator.health()).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining("Keys can't be refreshed"),
      parts: [{ status: 'up' }, { name: KEYS, lastError: 'status 503' }],
    });
    for (const [url, page] of Object.entries(tenantPages())) stage.docs.pages.set(url, page);
    stage.now += 60_000;
    await visit(validator);
    expect((await validator.health()).status).toBe('up');
  });

  it('a failed look for an unknown key, while keys are fresh, changes nothing', async () => {
    const validator = single();
    await validator.ready();
    stage.fail(KEYS);
    await outcomeOf(validator, signed(userClaims(), { kid: 'made-up' }));
    expect(validator.state().sources[1]?.lastError).toBe('status 503');
    expect((await validator.health()).status).toBe('up');
  });

  it('one authority or tenant that is down of several is degraded, not down', async () => {
    const validator = createValidator([
      { tenantId: TENANT, ...common() },
      { tenantId: OTHER_TENANT, ...common() },
    ]);
    const { status, message } = await validator.health();
    expect({ status, message }).toEqual({
      status: 'degraded',
      message: "Some signing keys can't be read.",
    });
  });

  it('a tenant of a long list whose keys are unavailable shows, though it is not among those that are loaded ahead', async () => {
    const eleven = Array.from({ length: 10 }, (_, index) => `${TENANT.slice(0, -1)}${index}`);
    for (const id of eleven) {
      for (const [url, page] of Object.entries(tenantPages(id))) stage.docs.pages.set(url, page);
    }
    const validator = createValidator({ tenants: [...eleven, TENANT], ...common() });
    expect((await validator.health()).status).toBe('up');
    stage.fail(METADATA);
    expect(await outcomeOf(validator, stage.token())).toBe('keys_unavailable');
    const { status, message } = await validator.health();
    expect({ status, message }).toEqual({
      status: 'degraded',
      message: "Some signing keys can't be read.",
    });
  });

  it('is down once closed', async () => {
    const validator = single();
    await validator.ready();
    validator.close();
    expect(await validator.health()).toMatchObject({
      status: 'down',
      message: 'The validator was closed.',
      parts: [],
    });
  });
});

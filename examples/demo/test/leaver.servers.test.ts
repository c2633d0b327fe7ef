import { once } from 'node:events';
import { connect } from 'node:net';
import { startEntra } from '@entra-guard/testing';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { whyNot } from '../../../packages/redis/test/support/redis-server.js';
import { leave } from '../src/leaver/leave.js';
import { findRedis, type SharedRedis } from '../src/leaver/redis.js';
import { setLeaverStage } from '../src/leaver/stage.js';
import { startTellers } from '../src/leaver/tellers.js';
import { registrations } from '../src/registrations.js';
import { SignIn } from '../src/sign-in.js';

/** What was built: a process of its own does not read sources. */
const program = new URL('../dist/leaver/api-process.js', import.meta.url);

describe.skipIf(whyNot)(`the leaver over Redis${whyNot ? ` (skipped: ${whyNot})` : ''}`, () => {
  const found = async (env: NodeJS.ProcessEnv = {}) => (await findRedis(env)) as SharedRedis;

  it('is refused by three processes, and the Redis of the demo ends with it', async () => {
    const entra = await startEntra({ apps: registrations, port: 0 });
    onTestFinished(() => entra.close());
    const redis = await found();
    const stage = await setLeaverStage(entra, redis, program);
    onTestFinished(() => stage.close());
    const signIn = new SignIn(entra);
    const { tellers, close } = await startTellers(entra, signIn, stage);
    const { refusals, letIn } = await leave(entra, signIn, stage, tellers).finally(close);
    expect(letIn).toBe(true);
    expect(refusals.filter(({ asExpected }) => !asExpected)).toEqual([]);
    expect(refusals.length).toBeGreaterThan(0);
    await stage.close();
    const [error] = await once(connect(Number(new URL(redis.url).port), '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  }, 60_000);

  it('leaves nothing behind in a Redis that is not of the demo', async () => {
    const server = await found();
    onTestFinished(() => server.close());
    const named = await found({ REDIS_URL: server.url });
    const client = createClient({ url: server.url });
    await client.connect();
    onTestFinished(() => client.destroy());
    await client.mSet({ [`${named.prefix}:state`]: 'demo', other: 'stays' });
    await named.close();
    expect(await client.keys('*')).toEqual(['other']);
  }, 30_000);
});

import { startEntra } from '@entra-guard/testing';
import { expect, it, onTestFinished } from 'vitest';
import { leave } from '../src/leaver/leave.js';
import { setLeaverStage } from '../src/leaver/stage.js';
import { startTellers } from '../src/leaver/tellers.js';
import { registrations } from '../src/registrations.js';
import { SignIn } from '../src/sign-in.js';

it('a leaver is refused by both APIs, and her stream ends, in one process', async () => {
  const entra = await startEntra({ apps: registrations, port: 0 });
  onTestFinished(() => entra.close());
  const stage = await setLeaverStage(entra, undefined);
  onTestFinished(() => stage.close());
  const signIn = new SignIn(entra);
  const { tellers, close } = await startTellers(entra, signIn, stage);
  onTestFinished(close);
  const { refusals, letIn } = await leave(entra, signIn, stage, tellers);
  expect(letIn).toBe(true);
  expect(refusals.map(({ teller, where, how }) => [teller, where, how])).toEqual(
    tellers.flatMap(({ name }) => [
      [name, 'Express API', '401 token_revoked'],
      [name, 'NestJS API', '401 token_revoked'],
      [name, 'open stream', 'stream ended'],
    ]),
  );
  expect(stage.revocations.list()).toEqual([]);
}, 30_000);

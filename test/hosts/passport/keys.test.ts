import { BearerStrategy, type IBearerStrategyOption } from '@entra-guard/passport';
import { startEntra } from '@entra-guard/testing';
import { expect, it } from 'vitest';
import { act } from './acting.js';
import { everybody, trusting } from './app.js';

const MINUTE = 60_000;

it.each<[string, IBearerStrategyOption['keys'], minutes: number, asksAgain: boolean]>([
  ['by default not before half an hour', undefined, 29, false],
  ['by default from half an hour on', undefined, 31, true],
  ['also with other limits, from half an hour on', { timeout: '4s' }, 31, true],
  ['at the softAge of the application', { softAge: '1h' }, 31, false],
])('keys are read again %s', async (_, keys, minutes, asksAgain) => {
  const entra = await startEntra();
  const { token, headers } = entra.user('ada', { scp: 'Orders.Read' });
  const { iat } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const started = iat * 1000;
  let now = started;
  let fetches = 0;
  const base = trusting(entra);
  const strategy = new BearerStrategy(
    {
      ...base,
      now: () => now,
      ...(keys ? { keys } : {}),
      fetch: (...given) => {
        fetches++;
        return (base.fetch as typeof fetch)(...given);
      },
    },
    everybody,
  );
  await act(strategy, { headers });
  const first = fetches;
  expect(first).toBeGreaterThan(0);
  now = started + minutes * MINUTE;
  await act(strategy, { headers });
  expect(fetches > first).toBe(asksAgain);
  await entra.close();
});

import { createGuard, type DecisionEvent, onEvent } from '@entra-guard/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';

const guard = createGuard(contoso());
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

it('a failure of a custom validator is passed on, and no request is allowed', async () => {
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => error.mockRestore());
  const broken = { ...guard.validator, validate: () => Promise.reject(new TypeError('not ours')) };
  const foreign = createGuard({ validator: broken as never });
  await expect(foreign.authenticate(bearer('x'))).rejects.toThrow(TypeError);
  expect(events.filter(({ outcome }) => outcome === 'allow')).toEqual([]);
});

it('a value that is not a request is refused, and the log names handler and owner', async () => {
  const log = vi.fn();
  const owned = createGuard({ ...contoso({ log }), owner: { team: 'orders' } });
  await expect(owned.authenticate(undefined as never, { handler: 'GET /orders' })).rejects.toThrow();
  expect(log.mock.calls[0]?.[0]).toMatchObject({ handler: 'GET /orders', owner: 'orders' });
});

it('what a hook threw is in the log, even where it is not an Error', async () => {
  const log = vi.fn();
  const hooked = createGuard(
    contoso({
      log,
      isRevoked: () => {
        throw 'redis down';
      },
    }),
  );
  await expect(hooked.authenticate(bearer(signed(userClaims())))).rejects.toMatchObject({ status: 503 });
  expect(log.mock.calls[0]?.[0]).toMatchObject({ code: 'hook_failed', cause: 'redis down' });
});

it('correlationId has to be a function', () => {
  const given = { ...contoso(), correlationId: 'x-request-id' };
  expect(() => createGuard(given as never)).toThrow('correlationId is x-request-id.');
});

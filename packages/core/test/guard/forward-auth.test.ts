import { describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { assertionSigner, forwardAuthOf } from '../../src/assertion.js';
import {
  allOf,
  anonymous,
  createGuard,
  type DecisionEvent,
  limit,
  memoryBudgets,
  onEvent,
  RequestError,
  scopes,
  type Validator,
} from '../../src/index.js';

const read = scopes('Orders.Read');
const bearing = (claims = {}) => ({ headers: { authorization: `Bearer ${signed(userClaims(claims))}` } });

function heard(): { readonly events: DecisionEvent[]; readonly stop: () => void } {
  const events: DecisionEvent[] = [];
  return { events, stop: onEvent((event) => events.push(event), { types: ['decision'] }) };
}

describe('what a decision service needs of a guard', () => {
  it('tells what would refuse a request, and neither logs nor records it', async () => {
    const log = vi.fn();
    const { foresee } = forwardAuthOf(createGuard({ ...contoso(), log }));
    const { events, stop } = heard();
    const missing = await foresee({ headers: {} }, read);
    const lacking = await foresee(bearing({ scp: 'Orders.Write' }), read);
    const [allowed, open] = [
      await foresee(bearing({ scp: 'Orders.Read' }), read),
      await foresee({ headers: {} }, anonymous().because('a probe')),
    ];
    stop();
    expect(missing).toMatchObject({ code: 'credentials_missing' });
    expect(lacking).toMatchObject({ code: 'scope_missing' });
    expect([allowed, open]).toEqual([undefined, undefined]);
    expect([events, log.mock.calls]).toEqual([[], []]);
  });

  it('asks for groups that decide, and remembers a caller that was accepted', async () => {
    const groupsOf = vi.fn(async () => []);
    const guard = createGuard({ ...contoso(), groupsOf, log: false });
    const request = bearing({ scp: 'Orders.Read' });
    const auth = await guard.require(request, read);
    expect(await forwardAuthOf(guard).foresee(request, read)).toBeUndefined();
    expect(guard.authOf(request)).toBe(auth);
  });

  it('spends nothing: a requirement that would is not judged, and so refuses', async () => {
    const budgets = memoryBudgets();
    const spend = vi.spyOn(budgets, 'spend');
    const guard = createGuard({ ...contoso(), budgets, log: false });
    const limited = allOf(read, limit({ calls: 1, per: '1h' }));
    const error = await forwardAuthOf(guard).foresee(bearing({ scp: 'Orders.Read' }), limited);
    expect(error).toMatchObject({ code: 'configuration_invalid' });
    expect(spend).not.toHaveBeenCalled();
  });

  it('takes whatever is thrown for a refusal, even nothing', async () => {
    const validator = { ...createGuard(contoso()).validator, validate: () => Promise.reject(undefined) };
    const guard = createGuard({ validator: validator as unknown as Validator });
    expect(await forwardAuthOf(guard).foresee(bearing(), read)).toBeInstanceOf(Error);
  });

  it('admits requests without a caller as the guard does', async () => {
    const { jwks } = assertionSigner({ issuer: 'https://gate.contoso.example' });
    const assertion = {
      issuer: 'https://gate.contoso.example',
      audience: 'orders',
      keys: jwks.keys as never,
    };
    const parts = forwardAuthOf(createGuard({ assertion, log: false }));
    const error = await parts.foresee({ headers: {} }, anonymous().because('a probe'));
    expect(error).toMatchObject({ code: 'credentials_missing' });
    expect(parts.byAssertion).toBe(true);
    expect(forwardAuthOf(createGuard(contoso())).byAssertion).toBe(false);
  });

  it('records that a request was refused before a requirement was found', () => {
    const { events, stop } = heard();
    const log = vi.fn();
    const error = new RequestError({ code: 'path_not_canonical', message: 'It is not.', hint: 'Make it.' });
    forwardAuthOf(createGuard({ ...contoso(), log })).refuse({ headers: {} }, error, { handler: '/a' });
    forwardAuthOf(createGuard({ ...contoso(), log })).refuse({ headers: {} }, error);
    stop();
    expect(events).toMatchObject([
      { outcome: 'deny', code: 'path_not_canonical', handler: '/a' },
      { outcome: 'deny', code: 'path_not_canonical' },
    ]);
    expect(log.mock.calls).toMatchObject([[{ code: 'path_not_canonical' }], [{}]]);
  });

  it.each([[undefined], [null], ['guard'], [{}]])('is had of guards only, not of %o', (guard) => {
    expect(() => forwardAuthOf(guard)).toThrow(/not a guard/);
  });
});

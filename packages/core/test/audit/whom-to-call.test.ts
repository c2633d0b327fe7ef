import { afterEach, describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  appClaims,
  DAEMON,
  forged,
  SPA,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import type { Guard } from '../../src/guard/guard-contract.js';
import type { GuardOptions } from '../../src/guard/guard-options.js';
import { createGuard, type LogEntry, scopes, userRoles } from '../../src/index.js';
import { refusalOf } from '../refusals.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const bearing = (token: string) => ({
  headers: { authorization: `Bearer ${token}`, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
});

function logged(changes: object = {}): { guard: Guard; log: LogEntry[] } {
  const log: LogEntry[] = [];
  const options = { ...contoso({ log: (entry) => log.push(entry) }), ...changes } as GuardOptions;
  return { guard: createGuard(options), log };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const ada = { kind: 'user', clientId: SPA, subjectKey: `${TENANT}/${ADA}`, tenantId: TENANT };

describe('the log entry of a refusal', () => {
  it('says whom to call, once the token was verified', async () => {
    const { guard, log } = logged();
    await refusalOf(guard.require(bearing(signed(userClaims())), scopes('Orders.Write')));
    await refusalOf(guard.require(bearing(signed(appClaims())), userRoles('Clerk')));
    expect(log).toMatchObject([
      { code: 'scope_missing', who: ada, correlationId: TRACE },
      { code: 'role_missing', who: { kind: 'app', clientId: DAEMON, tenantId: TENANT } },
    ]);
  });

  it.each<[string, object, string]>([
    ['a revoked token', { isRevoked: () => true }, 'token_revoked'],
    ['a tenant that was declined', { tenantId: undefined, tenants: () => false }, 'tenant_not_accepted'],
  ])('says it of %s, too', async (_, changes, code) => {
    const { guard, log } = logged(changes);
    await refusalOf(guard.authenticate(bearing(signed(userClaims()))));
    expect(log).toMatchObject([{ code, who: ada, correlationId: TRACE }]);
  });

  it.each<[string, string]>([
    ['forged', forged(userClaims())],
    ['of another audience', signed(userClaims({ aud: 'https://graph.microsoft.com' }))],
    ['no JWT', 'abc'],
  ])('does not say it of a token that is %s', async (_, token) => {
    const { guard, log } = logged();
    await refusalOf(guard.require(bearing(token), scopes('Orders.Read')));
    expect(log).toHaveLength(1);
    expect(log[0]).not.toHaveProperty('who');
    expect(log[0]).not.toHaveProperty('correlationId');
  });

  it('asks for the correlation ID only for an entry that is written', async () => {
    const correlationId = vi.fn(() => 'from\u202ethe-caller');
    const { guard, log } = logged({ correlationId });
    for (let sent = 0; sent < 20; sent++) {
      await refusalOf(guard.require(bearing(signed(userClaims())), scopes('Orders.Write')));
    }
    expect(log).toHaveLength(5);
    expect(correlationId).toHaveBeenCalledTimes(5);
    expect(log[0]?.correlationId).toBe('from\\u202ethe-caller');
  });

  it('has it without a correlation ID where there is none, in one line', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((line) => void lines.push(line));
    const { guard } = logged({ log: undefined });
    const azp = 'FAKE-client\r\nentra-guard: all is well';
    const token = signed(userClaims({ azp }));
    await refusalOf(guard.require({ headers: { authorization: `Bearer ${token}` } }, scopes('Orders.Write')));
    await refusalOf(guard.require(bearing(signed(userClaims())), scopes('Orders.Write')));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`user: ${TENANT}/${ADA}, tenant: ${TENANT}`);
    expect(lines[0]).not.toMatch(/[\r\n]|correlation/);
    expect(lines[1]).toContain(
      `client: ${SPA}, user: ${TENANT}/${ADA}, tenant: ${TENANT} | correlation ID: ${TRACE}`,
    );
  });
});

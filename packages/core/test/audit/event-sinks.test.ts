import { createGuard, type DecisionEvent, observe, onEvent } from '@entra-guard/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { b2cClaims, b2cOptions } from '../../../../test/support/b2c.js';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, signed, userClaims } from '../../../../test/support/forger.js';

const guard = createGuard(contoso());
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('what sinks make of an event', () => {
  it('an event of a token without iat names no time of issue, and no handler where none was named', async () => {
    const events: DecisionEvent[] = [];
    const lines: string[] = [];
    const attributes: object[] = [];
    const line = (_: object, message: string) => lines.push(message);
    const span = { setAttributes: (given: object) => attributes.push(given) };
    const stops = [
      onEvent((event) => events.push(event), { types: ['decision'] }),
      observe({
        logger: { info: line, warn: line, error: line },
        tracer: { getActiveSpan: () => span },
      }),
    ];
    await guard.authenticate(bearer(signed(userClaims({ iat: undefined, nbf: undefined }))));
    for (const stop of stops) stop();
    expect(events[0]?.token).toMatchObject({ issuedAt: undefined, expiresAt: expect.any(Number) });
    expect(events[0]).not.toHaveProperty('handler');
    expect(lines.at(-1)).toBe('entra-guard: allow');
    expect(attributes).toEqual([{ 'entra_guard.outcome': 'allow', 'entra_guard.kind': 'user' }]);
  });

  it('a B2C user without an object ID is named in a span by tenant and subject', async () => {
    const b2c = createGuard(b2cOptions());
    const attributes: Record<string, unknown>[] = [];
    const span = { setAttributes: (given: Record<string, unknown>) => attributes.push(given) };
    const stop = observe({ tracer: { getActiveSpan: () => span }, user: true });
    const auth = await b2c.authenticate(bearer(signed(b2cClaims())));
    stop();
    expect(auth.subjectKey).toContain(`/sub/${ADA}`);
    expect(attributes[0]).toMatchObject({ 'enduser.id': auth.subjectKey });
  });

  it('a logger that throws a value that is not an Error is reported all the same', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const fail = () => {
      throw 'disk full';
    };
    const stop = observe({ logger: { info: fail, warn: fail, error: fail } });
    await guard.authenticate(bearer(signed(userClaims())));
    stop();
    expect(warn.mock.calls[0]?.[0]).toContain('loses events: disk full');
  });
});

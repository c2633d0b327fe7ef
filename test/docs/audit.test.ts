import { readFileSync } from 'node:fs';
import { createGuard, type DecisionEvent, onEvent, scopes } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { expect, it, onTestFinished } from 'vitest';

const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');

it('docs/audit.md shows the events that are published', async () => {
  const now = () => Date.parse('2026-11-23T09:00:00Z');
  const entra = await startEntra({ now });
  const guard = createGuard({
    ...entra.options(),
    owner: { team: 'orders', contact: 'orders@contoso.example' },
    auditClaims: ['scp'],
    log: false,
  });
  onTestFinished(() => guard.close());
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));

  const uti = 'q2mVw1sRzkC1aXo5pJ4XAA';
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  for (const { headers } of [
    entra.user('ada', { scp: 'Orders.Read', uti }),
    entra.wrong.stranger({ scp: 'Orders.Read' }),
  ]) {
    const request = { method: 'GET', headers: { ...headers, traceparent } };
    const requirement = scopes('Orders.Read').because('sales works with orders');
    await guard.require(request, requirement, { handler: 'GET /orders' }).catch(() => {});
  }

  const shown = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, text = '']) => JSON.parse(text));
  expect(shown).toEqual(JSON.parse(JSON.stringify(events)));
});

import 'reflect-metadata';
import {
  allOf,
  approval,
  ConfigurationError,
  EntraGuardModule,
  type Grant,
  limit,
  memoryApprovals,
  Require,
  scopes,
  whenAgent,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Post, type Type } from '@nestjs/common';
import { expect, it, onTestFinished } from 'vitest';
import { bootFailure, platforms, serve } from './platforms.js';

const write = scopes('Payments.Write');
const release = approval('payments.release', {
  of: (request: { readonly body: { readonly amount: number } }) => ({ amount: request.body.amount }),
});

function controllerOf(requirement: Grant): Type {
  @Controller('payments')
  class PaymentsController {
    @Post() @Require(requirement) pay() {
      return { released: true };
    }
  }
  return PaymentsController;
}

it.each(platforms)('a call passes once a person has approved it, on %s', async (platform) => {
  const entra = await startEntra();
  onTestFinished(() => entra.close());
  const approvals = memoryApprovals();
  const { origin } = await serve(platform, {
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false, approvals })],
    controllers: [controllerOf(allOf(write, whenAgent(release)))],
  });
  const { headers } = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Payments.Write' });
  const pay = async (amount: number) => {
    const answer = await fetch(`${origin}/payments`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ amount }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as { readonly approval: { readonly id: string } },
    };
  };
  const asked = await pay(120);
  expect(asked).toMatchObject({ status: 403, body: { code: 'approval_required' } });
  expect(asked.headers.get('www-authenticate')).toBeNull();
  const { id } = asked.body.approval;
  const record = await approvals.find(id);
  expect(record?.of).toBe('{"amount":120}');
  const { tenantId, subjectKey, objectId } = record ?? { tenantId: '', subjectKey: '', objectId: undefined };
  const by = { kind: 'user', tenantId, subjectKey, objectId, clientId: 'page' } as const;
  await approvals.decide(id, { state: 'approved', by });
  expect((await pay(121)).status).toBe(403);
  expect(await pay(120)).toMatchObject({ status: 201, body: { released: true } });
  expect((await pay(120)).status).toBe(403);
});

it.each<[string, Grant, object, string]>([
  ['an approval without a store', allOf(write, release), {}, 'no place to keep approvals in'],
  [
    'an approval of nothing',
    allOf(write, whenAgent(approval('pay'))),
    { approvals: memoryApprovals() },
    "approval('pay') does not say what is approved",
  ],
  ['a limit without a store', allOf(write, limit({ calls: 1, per: '1h' })), {}, 'no place to count calls in'],
])('%s stops the start, and names the handler', async (_, requirement, settings, sentence) => {
  const entra = await startEntra();
  onTestFinished(() => entra.close());
  const failure = await bootFailure({
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false, ...settings })],
    controllers: [controllerOf(requirement)],
  });
  expect(ConfigurationError.is(failure)).toBe(true);
  expect((failure as ConfigurationError).message).toContain('PaymentsController.pay (POST /payments): ');
  expect((failure as ConfigurationError).message).toContain(sentence);
});

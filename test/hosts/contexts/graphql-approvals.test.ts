import 'reflect-metadata';
import {
  allOf,
  approval,
  type ConfigurationError,
  EntraGuardModule,
  type Grant,
  memoryApprovals,
  Public,
  Require,
  scopes,
  whenAgent,
} from '@entra-guard/nestjs';
import { EntraApprovalsModule } from '@entra-guard/nestjs/approvals';
import { type GraphQLCall, graphqlContext } from '@entra-guard/nestjs/graphql';
import { startEntra } from '@entra-guard/testing';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { Type } from '@nestjs/common';
import { Args, GraphQLModule, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { expect, it, onTestFinished } from 'vitest';
import { ask, bootFailure, serve } from '../nest/platforms.js';

const write = scopes('Payments.Write');

function resolverOf(requirement: Grant): Type {
  @Resolver()
  class PaymentsResolver {
    @Query(() => String) @Public() about(): string {
      return '';
    }
    @Mutation(() => Int, { nullable: true }) @Require(requirement) pay(
      @Args('amount', { type: () => Int }) amount: number,
    ): number {
      return amount;
    }
  }
  return PaymentsResolver;
}

async function metadataFor(requirement: Grant) {
  const entra = await startEntra();
  onTestFinished(() => entra.close());
  const imports = [
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
    EntraGuardModule.forRoot({
      ...entra.options(),
      log: false,
      approvals: memoryApprovals(),
      contexts: [graphqlContext()],
    }),
    EntraApprovalsModule.forRoot({
      origin: 'https://orders.contoso.com',
      allow: scopes('Approvals.Decide'),
    }),
  ];
  return { entra, metadata: { imports, providers: [resolverOf(requirement)] } };
}

it('each field of an operation needs an approval of its own, for its arguments', async () => {
  const release = approval('payments.release', { of: ({ args }: GraphQLCall) => args as object });
  const { entra, metadata } = await metadataFor(allOf(write, whenAgent(release)));
  const { origin } = await serve('express', metadata);
  const { headers } = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Payments.Write' });
  const pay = async () => {
    const { body } = await ask(`${origin}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { a: pay(amount: 1) b: pay(amount: 2) }' }),
    });
    return body as {
      readonly data: object;
      readonly errors?: readonly {
        readonly path: readonly string[];
        readonly extensions: { readonly code: string; readonly approval: { readonly id: string } };
      }[];
    };
  };
  const [first, second] = (await pay()).errors ?? [];
  expect(first).toMatchObject({ path: ['a'], extensions: { code: 'approval_required' } });
  expect(second?.extensions.approval.id).not.toBe(first?.extensions.approval.id);
  const ada = entra.user('ada', { scp: 'Approvals.Decide', xms_act_fct: '1', xms_sub_fct: '1' });
  const { id } = first?.extensions.approval ?? { id: '' };
  const decided = await ask(`${origin}/approvals/${id}/approve`, { method: 'POST', headers: ada.headers });
  expect(decided).toMatchObject({ status: 200, body: { of: { amount: 1 } } });
  expect(await pay()).toMatchObject({ data: { a: 1, b: null }, errors: [{ path: ['b'] }] });
  expect((await pay()).errors).toHaveLength(2);
});

it('an approval that does not say of what stops the start, and names the field', async () => {
  const { metadata } = await metadataFor(allOf(write, whenAgent(approval('payments.release'))));
  const failure = (await bootFailure(metadata)) as ConfigurationError;
  expect(failure.message).toContain('PaymentsResolver.pay (mutation pay)');
  expect(failure.message).toContain('does not say what is approved');
});

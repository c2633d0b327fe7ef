import { manifestOf, mcpManifestOf } from '@entra-guard/catalogue';
import { allOf, createValidator, evaluate, noAgents, scopes } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { expect, it, onTestFinished } from 'vitest';
import { orders } from '../../support/orders.js';

it('the manifest of an MCP server fits the local Entra, and tells people from agents', async () => {
  const MCP = 'https://mcp.contoso.example/mcp';
  const manifest = mcpManifestOf(manifestOf(orders.catalogue), MCP);
  const entra = await startEntra({ apps: { orders: { manifest }, editor: {} } });
  onTestFinished(() => entra.close());
  const { applicationIdUri } = entra.options('orders') as { readonly applicationIdUri?: string };
  expect(applicationIdUri).toBe(MCP);
  const validator = createValidator({ ...entra.options('orders'), log: false });
  onTestFinished(() => validator.close());
  const requirement = allOf(scopes('Orders.Read'), noAgents());
  const decide = async (token: string) => evaluate(requirement, await validator.validate(token));
  expect(await decide(entra.user('ada', { scp: 'Orders.Read' }).token)).toEqual({ granted: true });
  expect(await decide(entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' }).token)).toMatchObject({
    granted: false,
    code: 'agent_not_allowed',
  });
});

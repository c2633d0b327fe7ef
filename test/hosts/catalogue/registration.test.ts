import { expect, it } from 'vitest';
import { entraGuard } from './cli-run.js';

const ID = '11111111-1111-4111-8111-111111111111';
const OTHER = '00001111-aaaa-2222-bbbb-3333cccc4444';

it('tells who is on call of the registration that the catalogue is of, and of no other', async () => {
  const list = [
    { appId: ID, displayName: 'Orders', identifierUris: [`api://${ID}`] },
    { appId: OTHER, displayName: 'Other' },
  ];
  const args = ['registration', '-', '--app', 'orders.mjs', '--json'];
  const { out } = await entraGuard(args, JSON.stringify(list));
  expect(JSON.parse(out)).toMatchObject({
    registrations: [
      { name: 'Orders', onCall: ['Orders (orders-oncall@contoso.example)'] },
      { name: 'Other', onCall: [] },
    ],
  });
});

import { randomBytes } from 'node:crypto';
import {
  type Approver,
  allOf,
  approval,
  createGuard,
  type Grant,
  keyRing,
  type PermissionError,
  type RequestLike,
  scopes,
  userRoles,
  whenAgent,
} from '@entra-guard/core';
import { ApprovalRequests } from '@entra-guard/core/approvals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { fetchFromMemory, type Json, NOW, signed, userClaims } from '../../../../test/support/forger.js';
import { redisApprovals } from '../../src/index.js';
import { clientNames, connect, type TestClient } from '../support/clients.js';
import { RedisServer, whyNot } from '../support/redis-server.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const GRACE = '99999999-0000-1111-2222-bbbbbbbbbbbb';
const origin = 'https://orders.contoso.com';
const human = { xms_act_fct: '1', xms_sub_fct: '1' };
const bearing = (claims: Json, amount?: number) => ({
  amount,
  headers: { authorization: `Bearer ${signed(userClaims({ scp: 'Payments.Write', ...claims }))}` },
});
const paying = (amount: number) =>
  bearing({ azp: 'a9e27000-0000-4000-8000-000000000001', xms_act_fct: '11', xms_sub_fct: '1' }, amount);
const ada = bearing(human);
const grace = bearing({ ...human, oid: GRACE, roles: ['Approver'] });
const of = ({ amount }: { readonly amount: number }) => ({ amount });
const own = allOf(scopes('Payments.Write'), whenAgent(approval('pay', { of })));
const byOthers = allOf(
  scopes('Payments.Write'),
  whenAgent(approval('pay', { of, by: userRoles('Approver') })),
);

describe.skipIf(whyNot !== undefined).each(clientNames)(
  `two guards that share approvals over %s${why}`,
  (name) => {
    let server: RedisServer;
    const made: TestClient[] = [];
    const secret = randomBytes(32);
    beforeAll(async () => {
      server = await RedisServer.start();
    });
    afterAll(async () => {
      for (const { close } of made) close();
      await server?.close();
    });

    /** A process of the API, with a client of its own. */
    async function processOf() {
      const client = await connect(name, server.port);
      made.push(client);
      const approvals = redisApprovals(client.client, {
        ring: keyRing([{ id: 'k', secret }]),
        now: () => NOW,
      });
      const guard = createGuard({ ...contoso({ fetch: fetchFromMemory, log: false }), approvals });
      const requests = new ApprovalRequests(guard, { origin, allow: scopes('Payments.Write') });
      const asked = async (request: RequestLike, requirement: Grant) => {
        const refusal = await guard.require(request, requirement).then(
          () => undefined,
          (error: PermissionError) => error,
        );
        return { code: refusal?.code ?? 'granted', id: refusal?.approval?.id ?? '' };
      };
      const approve = (id: string, request: RequestLike) =>
        requests.answer({ request, method: 'POST', id, action: 'approve' });
      return { asked, approve };
    }

    it('one asks, the other takes the decision, and the call passes once in either', async () => {
      const [a, b] = [await processOf(), await processOf()];
      const { code, id } = await a.asked(paying(120), own);
      expect(code).toBe('approval_required');
      expect(await b.asked(paying(120), own)).toEqual({ code, id });
      await expect(b.approve(id, paying(120))).rejects.toMatchObject({ code: 'agent_not_allowed' });
      await expect(b.approve(id, grace)).rejects.toMatchObject({ status: 404 });
      expect(await b.approve(id, ada)).toMatchObject({
        body: { of: { amount: 120 }, state: 'approved' },
      });
      expect((await a.asked(paying(121), own)).code).toBe('approval_required');
      const both = await Promise.all([a.asked(paying(120), own), b.asked(paying(120), own)]);
      expect(both.map((one) => one.code).sort()).toEqual(['approval_required', 'granted']);
    });

    it('judge approvers by what the request was made with', async () => {
      const [a, b] = [await processOf(), await processOf()];
      const { id } = await a.asked(paying(7), byOthers);
      await expect(b.approve(id, ada)).rejects.toMatchObject({ status: 404 });
      const given = (await b.approve(id, grace)).body as { readonly decidedBy?: Approver };
      expect(given).toMatchObject({ state: 'approved' });
      expect((await b.asked(paying(7), own)).code).toBe('approval_required');
      expect((await b.asked(paying(7), byOthers)).code).toBe('granted');
    });
  },
);

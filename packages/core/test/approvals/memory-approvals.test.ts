import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  APPROVER,
  approvalRequest,
  LIMITS,
  OTHER_BINDINGS,
  PAYMENT,
  TEN_MINUTES,
} from '../../../../test/support/approvals.js';
import { NOW } from '../../../../test/support/forger.js';
import { type ApprovalStore, memoryApprovals } from '../../src/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

function store(options: object = {}) {
  const clock = { now: NOW };
  return { clock, approvals: memoryApprovals({ now: () => clock.now, ...options }) };
}

async function pending(approvals: ApprovalStore, changes = {}): Promise<string> {
  const claim = await approvals.claim(approvalRequest(changes), LIMITS);
  if (claim.state !== 'pending') throw new Error(`it is ${claim.state}`);
  return claim.record.id;
}

const approve = (approvals: ApprovalStore, id: string) =>
  approvals.decide(id, { state: 'approved', by: APPROVER });
const deny = (approvals: ApprovalStore, id: string) =>
  approvals.decide(id, { state: 'denied', by: APPROVER });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('approvals in memory', () => {
  it('are asked for once, given, and used once', async () => {
    const { approvals } = store();
    const asked = await approvals.claim(approvalRequest(), LIMITS);
    expect(asked).toEqual({
      state: 'pending',
      made: true,
      record: {
        ...approvalRequest(),
        id: expect.stringMatching(/^[\w-]{32}$/),
        of: PAYMENT,
        requestedAt: NOW,
        expiresAt: NOW + TEN_MINUTES,
        state: 'pending',
        decidedBy: undefined,
      },
    });
    const id = await pending(approvals);
    expect(asked).toMatchObject({ record: { id } });
    const given = await approve(approvals, id);
    expect(given).toMatchObject({ changed: true, record: { id, state: 'approved', decidedBy: APPROVER } });
    expect(await approvals.find(id)).toEqual(given?.record);
    expect(await approvals.claim(approvalRequest(), LIMITS)).toEqual({
      state: 'used',
      record: given?.record,
    });
    expect(await approvals.find(id)).toBeUndefined();
    expect(await approve(approvals, id)).toBeUndefined();
    // A replay is a new request.
    const again = await pending(approvals);
    expect(again).not.toBe(id);
  });

  it('are used by one of two calls at the same time', async () => {
    const { approvals } = store();
    await approve(approvals, await pending(approvals));
    const claims = await Promise.all([1, 2].map(() => approvals.claim(approvalRequest(), LIMITS)));
    expect(claims.map(({ state }) => state).sort()).toEqual(['pending', 'used']);
  });

  it.each(OTHER_BINDINGS)('are no good for %s', async (_, changes) => {
    const { approvals } = store();
    await approve(approvals, await pending(approvals));
    expect(await approvals.claim(approvalRequest(changes), LIMITS)).toMatchObject({
      state: 'pending',
      made: true,
    });
    expect(await approvals.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'used' });
  });

  it('stay denied until they end', async () => {
    const { approvals, clock } = store();
    const id = await pending(approvals);
    expect(await deny(approvals, id)).toMatchObject({ changed: true, record: { state: 'denied' } });
    expect(await approve(approvals, id)).toMatchObject({ changed: false, record: { state: 'denied' } });
    clock.now += TEN_MINUTES - 1;
    expect(await approvals.claim(approvalRequest(), LIMITS)).toMatchObject({
      state: 'denied',
      record: { id },
    });
    clock.now += 1;
    expect(await pending(approvals)).not.toBe(id);
  });

  it('can be taken back until they are used', async () => {
    const { approvals } = store();
    const id = await pending(approvals);
    await approve(approvals, id);
    expect(await approve(approvals, id)).toMatchObject({ changed: false, record: { state: 'approved' } });
    expect(await deny(approvals, id)).toMatchObject({ changed: true, record: { state: 'denied' } });
    expect(await approvals.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'denied' });
  });

  it.each([Number.NaN, TEN_MINUTES])('have ended at a time of %s from now', async (later) => {
    const { approvals, clock } = store();
    const id = await pending(approvals);
    await approve(approvals, id);
    clock.now += later;
    expect(await approvals.find(id)).toBeUndefined();
    expect(await approve(approvals, id)).toBeUndefined();
    expect(await approvals.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'pending', made: true });
  });

  it('can be asked for five times by an agent for a person', async () => {
    const { approvals, clock } = store();
    const ids = [];
    for (let at = 0; at < 5; at++) {
      ids.push(await pending(approvals, approvalRequest({ of: String(at) })));
      clock.now += 1000;
    }
    const sixth = approvalRequest({ of: '5' });
    expect(await approvals.claim(sixth, LIMITS)).toEqual({ state: 'full', until: NOW + TEN_MINUTES });
    // One that was there before is still told, and another agent may ask.
    expect(await pending(approvals, approvalRequest({ of: '0' }))).toBe(ids[0]);
    expect(await pending(approvals, { ...sixth, clientId: 'other' })).toBeTruthy();
    expect(await pending(approvals, { ...sixth, subjectKey: 'other' })).toBeTruthy();
    await deny(approvals, ids[0] as string);
    expect(await pending(approvals, sixth)).toBeTruthy();
    expect(await approvals.claim(approvalRequest({ of: '6' }), LIMITS)).toMatchObject({ state: 'full' });
    clock.now = NOW + TEN_MINUTES + 1000;
    expect(await pending(approvals, approvalRequest({ of: '6' }))).toBeTruthy();
  });

  it('never share a binding, whatever a prototype says', async () => {
    const { approvals } = store();
    const polluted = Array.prototype as unknown as { toJSON?: () => string };
    polluted.toJSON = () => 'one';
    try {
      const id = await pending(approvals);
      expect(await pending(approvals, { operation: 'other' })).not.toBe(id);
    } finally {
      delete polluted.toJSON;
    }
    await expect(pending(approvals, { operation: '\ud800' })).rejects.toThrow('half a character');
  });

  it('are bounded, and say so in their health before', async () => {
    const { approvals } = store({ maxEntries: 5 });
    const ask = (at: number) => pending(approvals, { clientId: `agent ${at}` });
    for (let at = 0; at < 3; at++) await ask(at);
    expect(approvals.health()).toEqual({
      part: 'approvals',
      status: 'up',
      message: 'Approvals are kept in this process.',
      shared: false,
      entries: 3,
    });
    await ask(3);
    expect(approvals.health()).toMatchObject({ status: 'degraded', entries: 4 });
    await ask(4);
    const error = await refusalOf(ask(5));
    expect(error).toMatchObject({ code: 'approvals_unavailable', status: 503, part: 'approvals' });
    expect(await ask(0)).toBeTruthy();
    await approvals.close();
    expect(approvals.shared).toBe(false);
  });

  it('have the clock of the process and the page of the application by default', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(NOW + 7);
    const approvals = memoryApprovals();
    expect(await approvals.claim(approvalRequest(), LIMITS)).toMatchObject({
      record: { requestedAt: NOW + 7 },
    });
    expect(approvals.approveUrl).toBeUndefined();
    const approveUrl = (id: string) => `https://orders.contoso.com/approve/${id}`;
    expect(memoryApprovals({ approveUrl }).approveUrl?.('x')).toBe(approveUrl('x'));
  });

  it.each<[object, string]>([
    [{ ttl: 1 }, "There is no option of memoryApprovals(...) called 'ttl'"],
    [{ maxEntrie: 1 }, "Did you mean 'maxEntries'?"],
    [{ maxEntries: 0 }, 'maxEntries is 0'],
    [{ maxEntries: '9' }, 'maxEntries is 9'],
    [{ now: 7 }, 'now is 7'],
    [{ approveUrl: 'https://x' }, 'approveUrl is https://x'],
    [Object.create({ maxEntries: 7 }), 'from its prototype'],
  ])('refuse the options %o', (options, sentence) => {
    expect(configurationSentence(() => memoryApprovals(options))).toContain(sentence);
  });
});

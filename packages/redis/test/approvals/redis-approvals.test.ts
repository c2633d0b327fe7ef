import { randomBytes } from 'node:crypto';
import { ConfigurationError, keyRing } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { approvalRequest, LIMITS } from '../../../../test/support/approvals.js';
import { NOW } from '../../../../test/support/forger.js';
import { UsedApprovals } from '../../src/approvals/used-approvals.js';
import { type IoRedisClient, redisApprovals } from '../../src/index.js';

const ring = keyRing([{ id: 'a', secret: randomBytes(32) }]);

/** A client that answers each command with the next reply, and then with the last one again. */
function clientThat(...replies: unknown[]) {
  const sent: (readonly string[])[] = [];
  const client: IoRedisClient = {
    call: async (...command) => {
      sent.push(command);
      return replies.length > 1 ? replies.shift() : replies[0];
    },
    multi: () => {},
    duplicate: () => {},
    disconnect: () => {},
  };
  return { client, sent };
}

describe('redisApprovals', () => {
  it.each<[string, unknown, unknown, string]>([
    ['another client', {}, { ring }, 'redisApprovals(...) was given an object that has neither'],
    ['an unknown option', clientThat().client, { ring, prefx: 'x' }, "called 'prefx'. Known: ring, prefix"],
    ['no ring', clientThat().client, {}, 'was given undefined instead of a key ring'],
    ['a ring that is a copy', clientThat().client, { ring: { ...ring } }, 'instead of a key ring'],
    ['a prefix with a pattern', clientThat().client, { ring, prefix: 'a*' }, "prefix is 'a*'"],
    ['a clock that is none', clientThat().client, { ring, now: 7 }, 'now is of type number'],
    ['a page that is none', clientThat().client, { ring, approveUrl: 'x' }, 'approveUrl is of type string'],
    ['no options', clientThat().client, undefined, 'instead of options'],
    [
      'a cluster without a hash tag',
      { ...clientThat().client, isCluster: true },
      { ring, prefix: 'eg' },
      "'{eg}'",
    ],
  ])('refuses %s', (_, client, options, sentence) => {
    const make = () => redisApprovals(client as never, options as never);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });

  it('keeps all keys under one prefix and one hash tag', async () => {
    const { client, sent } = clientThat(null, ['made']);
    const store = redisApprovals(client, { ring, approveUrl: (id) => `https://x/${id}` });
    expect(await store.claim(approvalRequest(), LIMITS)).toMatchObject({ state: 'pending', made: true });
    const keys = sent.flatMap((command) => command.filter((one) => one.startsWith('{')));
    expect(keys).toHaveLength(4);
    for (const key of keys) expect(key).toMatch(/^\{entra-guard\}:approvals:1:(id|record|pending):/);
    expect(store.approveUrl?.('a')).toBe('https://x/a');
  });

  it('gives up where others are always faster', async () => {
    const { client, sent } = clientThat(
      null,
      ['found'],
      null,
      ['found'],
      null,
      ['found'],
      null,
      ['found'],
      null,
      ['found'],
    );
    await expect(redisApprovals(client, { ring }).claim(approvalRequest(), LIMITS)).rejects.toMatchObject({
      code: 'approvals_unavailable',
    });
    expect(sent).toHaveLength(10);
  });

  it.each<[string, unknown]>([
    ['a number', 7],
    ['nothing', []],
    ['another word', ['approved']],
    ['no time', ['full', 'soon']],
    ['an object', {}],
  ])('takes %s for no answer', async (_, reply) => {
    const { client } = clientThat(null, reply);
    await expect(redisApprovals(client, { ring }).claim(approvalRequest(), LIMITS)).rejects.toThrow(
      'unknown form',
    );
  });
});

describe('the approvals that a process has used', () => {
  const ended = (id: string, expiresAt: number) => ({ id, expiresAt }) as never;

  it('are used once, and bounded: those that have ended are forgotten first', () => {
    const used = new UsedApprovals(() => NOW);
    for (let at = 0; at < 9999; at++) used.add(ended(`kept ${at}`, NOW + 1));
    used.add(ended('past', NOW));
    expect(used.add(ended('next', NOW + 1))).toBe(true);
    expect(used.add(ended('kept 0', NOW + 1))).toBe(false);
    expect(used.add(ended('more', NOW + 1))).toBe(true);
    expect(used.add(ended('more', NOW + 1))).toBe(false);
    expect(used.add(ended('kept 1', NOW + 1))).toBe(false);
  });
});

import { ConfigurationError, memoryRevocations } from '@entra-guard/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type GraphLeaverOptions, graphLeavers } from '../../src/index.js';

const revocations = memoryRevocations();
const getToken = async () => 'token';
const tenantId = '11111111-1111-4111-8111-111111111111';
const notificationUrl = 'https://api.contoso.example/notify';

const options = (change: object = {}): GraphLeaverOptions => ({ revocations, tenantId, getToken, ...change });

function refusalOf(given: unknown): ConfigurationError {
  try {
    graphLeavers(given as GraphLeaverOptions);
  } catch (error) {
    if (ConfigurationError.is(error)) return error as ConfigurationError;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('graphLeavers(...)', () => {
  it.each<[string, object]>([
    ['the least', {}],
    ['a national cloud', { graph: 'https://graph.microsoft.us/v1.0/' }],
    ['a local Entra', { graph: 'http://127.0.0.1:8080/v1.0' }],
    ['an API that has its own tokens', { graph: { fetch: async () => new Response() }, getToken: undefined }],
    [
      'both addresses',
      { notificationUrl, lifecycleNotificationUrl: notificationUrl, clientState: 'a secret of yours' },
    ],
    ['a secret alone, for notifications that come from elsewhere', { clientState: 'x' }],
    ['a poll every second', { pollEvery: 1 }],
    ['no log', { log: false }],
    ['an upper-case tenant', { tenantId: tenantId.toUpperCase() }],
  ])('takes %s', (_, change) => {
    expect(graphLeavers(options(change)).health()).toMatchObject({
      part: 'feed',
      name: tenantId,
      status: 'down',
      leads: false,
    });
  });

  it.each<[string, object, string]>([
    ['another option', { tenant: 'x' }, "There is no option of graphLeavers(...) called 'tenant'."],
    ['no revocations', { revocations: undefined }, 'revocations is missing.'],
    [
      'revocations that can only be read',
      { revocations: { find: () => {}, longestToken: 1 } },
      'revocations is an object',
    ],
    ['revocations without longestToken', { revocations: { ...methods() } }, 'revocations is an object'],
    ['no tenant', { tenantId: undefined }, 'tenantId is missing.'],
    ['a domain', { tenantId: 'contoso.example' }, "tenantId is 'contoso.example'."],
    ['no way to a token', { getToken: undefined }, 'getToken is missing.'],
    ['a token itself', { getToken: 'eyJ' }, "getToken is 'eyJ'."],
    [
      'getToken twice',
      { graph: { fetch: async () => new Response() } },
      'has getToken, and graph has its own.',
    ],
    [
      'fetch twice',
      { graph: { fetch: async () => new Response() }, getToken: undefined, fetch },
      'has fetch, and graph',
    ],
    [
      'an API without fetch',
      { graph: {}, getToken: undefined },
      'graph is an object without what is needed.',
    ],
    ['http', { graph: 'http://graph.microsoft.com/v1.0' }, "graph is 'http://graph.microsoft.com/v1.0'."],
    ['a base URL with a query', { graph: 'https://graph.microsoft.com/v1.0?x' }, 'graph is'],
    ['a base URL with a user', { graph: 'https://a:b@graph.microsoft.com/v1.0' }, 'graph is'],
    ['no URL', { graph: 'graph' }, "graph is 'graph'."],
    ['a number for a URL', { graph: 7 }, 'graph is 7.'],
    ['a list for a URL', { graph: null }, 'graph is null.'],
    [
      'an address over http',
      { notificationUrl: 'http://api.contoso.example', clientState: 'x' },
      'notificationUrl is',
    ],
    [
      'an address with a fragment',
      { notificationUrl: `${notificationUrl}#x`, clientState: 'x' },
      'notificationUrl is',
    ],
    [
      'only the address of the lifecycle',
      { lifecycleNotificationUrl: notificationUrl, clientState: 'x' },
      'notificationUrl is missing.',
    ],
    [
      'a strange address of the lifecycle',
      { notificationUrl, lifecycleNotificationUrl: [], clientState: 'x' },
      'lifecycleNotificationUrl is an array of 0.',
    ],
    ['no secret', { notificationUrl }, 'clientState is missing.'],
    ['an empty secret', { notificationUrl, clientState: '' }, 'clientState is text of 0 characters.'],
    ['a long secret', { clientState: 's3cret'.repeat(30) }, 'clientState is text of 180 characters.'],
    ['a secret that is none', { clientState: 7 }, 'clientState is number.'],
    ['a secret with a line break', { clientState: 'a\nb' }, 'clientState is text of 3 characters.'],
    ['a queue that is none', { queue: {} }, 'queue is an object'],
    ['polling all the time', { pollEvery: 0 }, 'pollEvery'],
    ['polling too rarely', { pollEvery: '2d' }, 'pollEvery'],
    ['milliseconds', { pollEvery: 30_000 }, 'pollEvery'],
    ['a clock that is none', { now: 7 }, 'now is 7.'],
    ['a log that is none', { log: true }, 'log is true.'],
    ['a fetch that is none', { fetch: 'x' }, "fetch is 'x'."],
  ])('refuses %s', (_, change, problem) => {
    const refusal = refusalOf(options(change));
    expect(refusal.message).toContain(problem);
    expect(refusal.hint).not.toBe('');
    expect(refusal.message).not.toContain('s3cret');
  });

  it.each([undefined, null, 'https://graph.microsoft.com'])('refuses %s instead of options', (given) => {
    expect(refusalOf(given).message).toContain('instead of options');
  });
});

describe('the log', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is the console, and a log that throws ends nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const shared = {
      ...methods(),
      longestToken: 100_800,
      shared: true,
      ready: async () => Promise.reject(new Error('not yet')),
    };
    const feeds = [
      options(),
      options({
        log: () => {
          throw new Error('broken');
        },
      }),
    ].map((given) =>
      graphLeavers({
        ...given,
        revocations: shared as never,
        getToken: async () => Promise.reject(new Error('no token')),
        notificationUrl,
        clientState: 'x',
      }),
    );
    for (const feed of feeds) await feed.start();
    await vi.waitFor(() => expect(error.mock.calls.flat().join()).toContain('no token'));
    const warnings = warn.mock.calls.flat().join();
    expect(warnings).toContain('Pass queue: redisQueue(client) of @entra-guard/redis');
    expect(warnings).toContain('not yet');
    for (const feed of feeds) await feed.stop();
  });
});

function methods() {
  return { revoke: async () => {}, lift: async () => {}, list: () => [], ready: async () => {} };
}

import { createValidator, type Validator } from '@entra-guard/core';
import { ProxyAgent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localhostCertificate } from '../../packages/testing/src/transport/localhost-certificate.js';
import { API } from '../support/forger.js';
import { outcomeOf, refusalOf } from '../support/outcome.js';
import { Clock, SECOND } from './clock.js';
import { LoopbackProxy } from './loopback-proxy.js';
import { LoopbackTenant } from './loopback-tenant.js';
import { fetchThrough } from './proxy-recipe.js';

const requestTls = { ca: localhostCertificate.cert };

let clock: Clock;
let authority: LoopbackTenant;
let proxy: LoopbackProxy;
let agent: ProxyAgent;
let validator: Validator;

beforeEach(async () => {
  clock = new Clock();
  authority = await LoopbackTenant.start(clock, true);
  proxy = await LoopbackProxy.start();
});

afterEach(async () => {
  validator.close();
  await agent.destroy();
  await proxy.close();
  await authority.close();
});

function start(options: ProxyAgent.Options): void {
  agent = new ProxyAgent(options);
  validator = createValidator({
    authority: authority.issuer,
    clientId: API,
    fetch: fetchThrough(agent),
    now: clock.now,
    log: false,
  });
}

describe("undici's ProxyAgent as options.fetch", () => {
  it('reads metadata and keys only through the proxy', async () => {
    start({ uri: proxy.url, requestTls });
    expect(await outcomeOf(validator, authority.token())).toBe('accepted');
    expect(authority.requests).toBe(2);
    expect(proxy.tunnels.length).toBeGreaterThan(0);
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(authority.origin).host]));
  });

  it('signs in to a proxy that asks for a password', async () => {
    proxy.password = 'api:secret';
    start({ uri: proxy.url, requestTls, token: `Basic ${Buffer.from('api:secret').toString('base64')}` });
    expect(await outcomeOf(validator, authority.token())).toBe('accepted');
  });

  it.each<[string, (proxy: LoopbackProxy) => void]>([
    [
      'wants a password',
      (it) => {
        it.password = 'api:secret';
      },
    ],
    [
      'has no connection to Entra',
      (it) => {
        it.failing = 502;
      },
    ],
  ])('a proxy that %s causes 503 until it works again, and no request bypasses it', async (_, fail) => {
    fail(proxy);
    start({ uri: proxy.url, requestTls });
    expect(await refusalOf(validator, authority.token())).toMatchObject({
      code: 'keys_unavailable',
      status: 503,
      retryAfter: 1,
    });
    expect(authority.requests).toBe(0);
    proxy.password = undefined;
    proxy.failing = undefined;
    clock.advance(SECOND);
    expect(await outcomeOf(validator, authority.token())).toBe('accepted');
  });

  it("an authority's certificate is verified through the tunnel too", async () => {
    start({ uri: proxy.url });
    expect(await outcomeOf(validator, authority.token())).toBe('keys_unavailable');
    expect(proxy.tunnels).toHaveLength(1);
  });
});

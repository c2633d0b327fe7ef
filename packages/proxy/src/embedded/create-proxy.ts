import { ConfigurationError } from '@entra-guard/core';
import type { Policy } from '../policy/policy.js';
import { type ProxyOptions, readProxyOptions } from './proxy-options.js';
import { Ruling } from './ruling.js';
import { RunningProxy } from './running-proxy.js';

/** A proxy that listens. */
export interface ListeningProxy {
  /** Where clients ask: `http://127.0.0.1:8080`, or `unix:PATH`. */
  readonly url: string;
  /** Where `/jwks.json`, `/healthz`, `/readyz` and `/metrics` are; `undefined` where there is no such listener. */
  readonly adminUrl: string | undefined;
  /** `iss` of its assertions. */
  readonly issuer: string;
  /**
   * Decides by another policy from now on. Requests that an earlier one has let pass go on, until their callers are refused. Its
   * assertions have the same issuer and keys.
   *
   * @throws ConfigurationError for a policy that the proxy could not be started with; then the earlier one stays, and `/healthz` says so
   */
  use(policy: Policy): void;
  /** Takes no further requests, waits for running ones for at most 10 seconds, and ends. Idempotent. */
  close(): Promise<void>;
  /** Like {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Stands in front of applications, and lets requests pass by a policy. */
export interface Proxy {
  /**
   * Listens.
   *
   * @throws Error if an address is taken; ConfigurationError for `assertion` options that can't sign (as rejections)
   */
  listen(): Promise<ListeningProxy>;
}

/**
 * Makes a proxy that judges each request by a policy, and sends what may pass to the application behind, with a signed assertion of who
 * called. Experimental. `entra-guard proxy` runs it. For traffic at scale, a server in front that asks {@link createDecisionService} is
 * the better choice.
 *
 * ```ts
 * const proxy = createProxy({ policy: readPolicy(text), listen: '127.0.0.1:8080' });
 * const { url, close } = await proxy.listen();
 * ```
 * @throws ConfigurationError for invalid options, for applications without an upstream, and for those without an audience
 */
export function createProxy(given: ProxyOptions): Proxy {
  const settings = readProxyOptions(given);
  const first = new Ruling(settings, settings.policy);
  let listening = false;
  return {
    async listen() {
      if (listening) throw new ConfigurationError('The proxy listens already.', 'Make another one.');
      listening = true;
      const running = new RunningProxy(settings, first);
      try {
        await running.listen();
      } catch (error) {
        await running.close();
        throw error;
      }
      return running;
    },
  };
}

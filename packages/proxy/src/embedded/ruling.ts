import { ConfigurationError, type Guard, type Health } from '@entra-guard/core';
import { withStore } from '@entra-guard/core/assertion';
import { Upstream } from '../forward/upstream.js';
import type { Policy } from '../policy/policy.js';
import { isLocal } from '../service/address.js';
import { audiencesOf } from '../service/audiences.js';
import { Judge } from '../service/judge.js';
import { guardOf } from '../service/options.js';
import type { BrowserSignIn } from '../sign-in/browser-sign-in.js';
import { entraBrowserSignIn } from '../sign-in/entra-browser-sign-in.js';
import type { SessionStore } from '../sign-in/session-store.js';
import { readDirect } from './direct-request.js';
import { Gate } from './gate.js';
import { LastingRequests } from './lasting.js';
import type { ProxySettings } from './proxy-options.js';

/** All that comes with one policy. It outlives the policy until the last request that it has let pass is over. */
export class Ruling {
  readonly policy: Policy;
  readonly guard: Guard;
  readonly gate: Gate;
  readonly audiences: ReadonlyMap<string, string>;
  readonly lasting: LastingRequests;
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  readonly #ownsGuard: boolean;
  readonly #sessions: SessionStore | undefined;
  #running = 0;
  #drained: (() => void) | undefined;

  /** @throws ConfigurationError for a policy that a proxy can't stand in front of */
  constructor(settings: ProxySettings, policy: Policy) {
    const { guard, timeoutMs, log, upstream, revocations } = settings;
    assertApart(settings, policy);
    this.policy = policy;
    this.audiences = audiencesOf(policy);
    const origins = policy.apps.map((app) => [app.name, upstreamOf(app.name, app.upstream)] as const);
    this.#ownsGuard = guard === undefined;
    this.guard = guard ?? guardOf(policy, log, revocations);
    try {
      const judge = new Judge(policy, this.guard, { read: readDirect }, timeoutMs);
      const signIn = signInOf(settings, policy, this.guard);
      this.#sessions = signIn === undefined ? undefined : settings.sessions;
      this.gate = new Gate(judge, signIn);
      this.lasting = new LastingRequests(this.guard);
    } catch (error) {
      if (this.#ownsGuard) void this.guard.close();
      throw error;
    }
    this.#upstreams = new Map(origins.map(([name, origin]) => [name, new Upstream(origin, upstream)]));
  }

  upstreamOf(app: string): Upstream {
    return this.#upstreams.get(app) as Upstream;
  }

  /** The health of the guard, and of the sessions of browsers. Where those fail, callers who bring a token pass on. */
  async health(): Promise<Health> {
    const guard = await this.guard.health();
    const all = withStore(guard, 'sessions', this.#sessions && told(this.#sessions));
    return all.status === 'down' && guard.status !== 'down' ? { ...all, status: 'degraded' } : all;
  }

  /** How many requests are open. */
  get running(): number {
    return this.#running;
  }

  begin(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#drained?.();
  }

  /** Ends when the last request is over, and then closes what was made for the policy. */
  async retire(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await Promise.all([...this.#upstreams.values()].map((upstream) => upstream.destroy()));
    if (this.#ownsGuard) await this.guard.close();
  }
}

/** Health that says what it is of, where it stands next to that of other parts. */
const told = (sessions: SessionStore) => ({
  health: () => {
    const own = sessions.health();
    return { ...own, message: `Sessions: ${own.message}` };
  },
});

/** Refuses an application at an address of the proxy: its requests would go round in circles, or it could not start. */
function assertApart({ listen, admin }: ProxySettings, policy: Policy): void {
  for (const { name, upstream } of policy.apps) {
    const { hostname, port } = new URL(upstreamOf(name, upstream));
    const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
    const own = [
      ['listen', listen] as const,
      ...(admin === undefined ? [] : [['admin', admin] as const]),
    ].find(([, address]) => isHere && address.port !== 0 && String(address.port) === port);
    if (own === undefined) continue;
    throw new ConfigurationError(
      `apps.${name} has the upstream ${hostname}:${port}, where the proxy itself listens (${own[0]}).`,
      own[0] === 'admin'
        ? 'Without admin, it is the port after that of listen. Name another: admin: 127.0.0.1:9180, or --admin 127.0.0.1:9180.'
        : 'Name another port for one of them: listen, or --listen.',
    );
  }
}

/** @returns `undefined` where no application signs browsers in */
function signInOf(settings: ProxySettings, policy: Policy, guard: Guard): BrowserSignIn | undefined {
  if (policy.apps.every(({ signIn }) => signIn === false)) return undefined;
  const { listen, sessions, processKeys, log } = settings;
  const { store = 'memory' } = policy.sessions ?? {};
  if ((store !== 'memory') !== sessions.shared) {
    throw new ConfigurationError(
      sessions.shared
        ? 'sessions of createProxy(...) is shared, and sessions.store of the policy is memory.'
        : 'sessions.store of the policy is not memory, and createProxy(...) was given no such store.',
      'Name the same in both: sessions: redisSessions(client) of @entra-guard/redis. `entra-guard proxy` makes it from the URL.',
    );
  }
  if (policy.publicOrigin === undefined && !isLocal(listen)) {
    throw new ConfigurationError(
      'signIn is on, other machines may reach the proxy, and publicOrigin is not given.',
      'Browsers keep a sign-in only over https. Have TLS end in front, and say where: publicOrigin: https://gate.contoso.example.',
    );
  }
  return entraBrowserSignIn({ policy, guard, store: sessions, processKeys, log });
}

function upstreamOf(name: string, upstream: string | undefined): string {
  if (upstream !== undefined) return upstream;
  throw new ConfigurationError(
    `apps.${name} has no upstream.`,
    `Say where the application is, for its requests to be sent there: apps.${name}.upstream: http://127.0.0.1:3000.`,
  );
}

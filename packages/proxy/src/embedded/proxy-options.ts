import { randomBytes } from 'node:crypto';
import {
  ConfigurationError,
  type Duration,
  type Guard,
  type KeyRing,
  keyRing,
  type LogSink,
  ownOptions,
  type Revocations,
  secondsOf,
} from '@entra-guard/core';
import { forwardAuthOf } from '@entra-guard/core/assertion';
import type { UpstreamSettings } from '../forward/upstream.js';
import type { Policy } from '../policy/policy.js';
import { type Address, readAddress } from '../service/address.js';
import { assertKnown } from '../service/known-options.js';
import {
  adminAddress,
  assertionOptions,
  type ServiceAssertionOptions,
  timeoutOf,
} from '../service/options.js';
import { memorySessions } from '../sign-in/memory-sessions.js';
import type { SessionStore } from '../sign-in/session-store.js';

/** How applications are reached. */
export interface ProxyUpstreamOptions {
  /** How long a connection to an application may take to open. From 0.1 to 60 seconds. Default `5s`. */
  readonly connect?: Duration;
  /** How long an answer may take to begin. From 0.1 seconds to 1 hour. Default `30s`. */
  readonly headers?: Duration;
  /** How long an answer may pause; 0 for no limit. At most 24 hours. Default `5m`. WebSockets may pause as long as they like. */
  readonly idle?: Duration;
  /** How many connections there are to one application; further requests wait. From 1 to 10,000. Default 256. */
  readonly connections?: number;
  /** Certificates of the authorities that applications are verified by, in PEM. Default: those that Node knows. */
  readonly ca?: string | readonly string[];
}

/** Options of {@link createProxy}. */
export interface ProxyOptions {
  /** What `readPolicy` gave. Each application needs an `upstream`. */
  readonly policy: Policy;
  /** Default: one with the policy's `entra`, which the proxy closes. */
  readonly guard?: Guard;
  /** `HOST:PORT` or `unix:PATH`. Default `127.0.0.1:8080`. */
  readonly listen?: string;
  /**
   * `HOST:PORT` of the listener with `/jwks.json`, `/healthz`, `/readyz` and `/metrics`; `false` for none. Default: the port after
   * that of `listen`, on this machine only; none next to a Unix socket.
   */
  readonly admin?: string | false;
  /** How applications are told who called. */
  readonly assertion?: ServiceAssertionOptions;
  /** How long a decision may take, before it is 503. From 0.1 to 60 seconds. Default `2s`. */
  readonly timeout?: Duration;
  readonly upstream?: ProxyUpstreamOptions;
  /** Where sessions of browsers are kept, such as `redisSessions(client)` of `@entra-guard/redis`. Default: in this process. */
  readonly sessions?: SessionStore;
  /** Whose access is revoked; of the guard that is made from the policy, so not together with `guard`. */
  readonly revocations?: Revocations;
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
}

/** The options after validation. */
export interface ProxySettings {
  readonly policy: Policy;
  readonly guard: Guard | undefined;
  readonly listen: Address;
  readonly admin: Address | undefined;
  readonly assertion: ServiceAssertionOptions;
  readonly timeoutMs: number;
  readonly upstream: UpstreamSettings;
  readonly sessions: SessionStore;
  /** Seals sessions of this process, where the policy names no keys. */
  readonly processKeys: KeyRing;
  readonly revocations: Revocations | undefined;
  readonly log: LogSink | false | undefined;
}

const NAMES = [
  'policy',
  'guard',
  'listen',
  'admin',
  'assertion',
  'timeout',
  'upstream',
  'sessions',
  'revocations',
  'log',
] as const;
const UPSTREAM_NAMES = ['connect', 'headers', 'idle', 'connections', 'ca'] as const;
const MOST_CONNECTIONS = 10_000;

/** @throws ConfigurationError for invalid options */
export function readProxyOptions(given: ProxyOptions): ProxySettings {
  const options = ownOptions('createProxy(...)', given, NAMES);
  assertKnown('createProxy(...)', options, NAMES);
  const { policy, guard, log } = options;
  if (typeof policy?.match !== 'function') {
    throw new ConfigurationError(
      'policy of createProxy(...) is not a policy.',
      'Pass what readPolicy(text) gave.',
    );
  }
  if (guard !== undefined && forwardAuthOf(guard).byAssertion) {
    throw new ConfigurationError(
      'guard of createProxy(...) reads assertions, and a proxy reads access tokens.',
      'Pass a guard with an authority, or leave it out: it is made from the policy.',
    );
  }
  if (guard !== undefined && options.revocations !== undefined) {
    throw new ConfigurationError(
      'createProxy(...) was given both guard and revocations.',
      'Give the guard its revocations: createGuard({ …, revocations }).',
    );
  }
  const listen = readAddress('listen', options.listen ?? '127.0.0.1:8080');
  const assertion = assertionOptions(options.assertion, policy);
  const issuer = assertion.issuer ?? policy.publicOrigin;
  if (listen.path !== undefined && issuer === undefined) {
    throw new ConfigurationError(
      'publicOrigin is not given, and a Unix socket has no origin.',
      'Name the origin that clients see: publicOrigin: https://gate.contoso.example in the policy.',
    );
  }
  return {
    policy,
    guard,
    listen,
    admin: adminAddress(options.admin, listen),
    assertion: issuer === undefined ? assertion : { ...assertion, issuer },
    timeoutMs: timeoutOf(options.timeout),
    upstream: upstreamSettings(options.upstream),
    sessions: options.sessions ?? memorySessions(),
    processKeys: keyRing([{ id: 'process', secret: randomBytes(32) }]),
    revocations: options.revocations,
    log,
  };
}

function upstreamSettings(given: ProxyUpstreamOptions = {}): UpstreamSettings {
  const options = ownOptions('upstream', given, UPSTREAM_NAMES);
  assertKnown('upstream', options, UPSTREAM_NAMES);
  const { connect, headers, idle, connections = 256, ca } = options as ProxyUpstreamOptions;
  if (!Number.isInteger(connections) || connections < 1 || connections > MOST_CONNECTIONS) {
    throw new ConfigurationError(
      `upstream.connections is ${String(connections).slice(0, 100)}.`,
      `Give a whole number from 1 to ${MOST_CONNECTIONS}.`,
    );
  }
  const inMs = (
    name: string,
    value: Duration | undefined,
    standard: Duration,
    least: number,
    most: Duration,
  ) => secondsOf(`upstream.${name}`, value, { standard, least, most, fractions: true }) * 1000;
  return {
    connectMs: inMs('connect', connect, '5s', 0.1, '60s'),
    headersMs: inMs('headers', headers, '30s', 0.1, '1h'),
    idleMs: inMs('idle', idle, '5m', 0, '24h'),
    connections,
    ca,
  };
}

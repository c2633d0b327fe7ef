import type { KeyObject } from 'node:crypto';
import {
  ConfigurationError,
  createGuard,
  type Duration,
  type Guard,
  type LogSink,
  ownOptions,
  type Revocations,
  secondsOf,
} from '@entra-guard/core';
import { forwardAuthOf } from '@entra-guard/core/assertion';
import { DIALECTS, type Dialect, type DialectName } from '../dialects/dialect.js';
import { DIALECT_OF } from '../dialects/dialects.js';
import type { Policy } from '../policy/policy.js';
import { type Address, isLocal, readAddress } from './address.js';
import { assertKnown } from './known-options.js';
import { type IsTrusted, type Trust, trusting } from './trust.js';

/** How the service signs who called. */
export interface ServiceAssertionOptions {
  /** `iss`: an origin. Default: that of the policy, or else the service's own. Required on a Unix socket. */
  readonly issuer?: string;
  /** Private keys on P-256, in PEM: the first signs, all are published. Default: one that is made at the start. */
  readonly keys?: readonly (string | KeyObject)[];
  /** Names of further claims of access tokens that applications are told. Default none. */
  readonly claims?: readonly string[];
}

/** Options of {@link createDecisionService}. */
export interface DecisionServiceOptions {
  /** What `readPolicy` gave. */
  readonly policy: Policy;
  /** Which server asks. A service answers one. */
  readonly dialect: DialectName;
  /** Default: one with the policy's `entra`, which the service closes. */
  readonly guard?: Guard;
  /** `HOST:PORT` or `unix:PATH`. Default `127.0.0.1:4180`. */
  readonly listen?: string;
  /**
   * `HOST:PORT` of the listener with `/jwks.json`, `/healthz`, `/readyz` and `/metrics`; `false` for none. Default: the port after
   * that of `listen`, on this machine only; none next to a Unix socket.
   */
  readonly admin?: string | false;
  /** Who may ask. Required where more than this machine reaches `listen`. */
  readonly trust?: Trust;
  /** How applications are told who called. */
  readonly assertion?: ServiceAssertionOptions;
  /** How long a decision may take, before it is 503. From 0.1 to 60 seconds. Default `2s`. */
  readonly timeout?: Duration;
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
}

/** The options after validation. */
export interface ServiceSettings {
  readonly policy: Policy;
  readonly dialect: Dialect;
  readonly guard: Guard | undefined;
  readonly listen: Address;
  readonly admin: Address | undefined;
  readonly isTrusted: IsTrusted;
  readonly assertion: ServiceAssertionOptions;
  readonly timeoutMs: number;
  readonly log: LogSink | false | undefined;
}

const NAMES = [
  'policy',
  'dialect',
  'guard',
  'listen',
  'admin',
  'trust',
  'assertion',
  'timeout',
  'log',
] as const;
const ASSERTION_NAMES = ['issuer', 'keys', 'claims'] as const;

/** @throws ConfigurationError for invalid options */
export function readServiceOptions(given: DecisionServiceOptions): ServiceSettings {
  const options = ownOptions('createDecisionService(...)', given, NAMES);
  assertKnown('createDecisionService(...)', options, NAMES);
  const { policy, dialect, guard, trust, log } = options;
  if (typeof policy?.match !== 'function') {
    throw new ConfigurationError(
      'policy of createDecisionService(...) is not a policy.',
      'Pass what readPolicy(text) gave.',
    );
  }
  if (!DIALECTS.includes(dialect)) {
    throw new ConfigurationError(
      `dialect of createDecisionService(...) is ${typeof dialect === 'string' ? `'${dialect.slice(0, 100)}'` : typeof dialect}.`,
      `Name the server that asks: ${DIALECTS.join(', ')}.`,
    );
  }
  if (guard !== undefined && forwardAuthOf(guard).byAssertion) {
    throw new ConfigurationError(
      'guard of createDecisionService(...) reads assertions, and a decision service reads access tokens.',
      'Pass a guard with an authority, or leave it out: it is made from the policy.',
    );
  }
  const listen = readAddress('listen', options.listen ?? '127.0.0.1:4180');
  if (!isLocal(listen) && trust === undefined) {
    throw new ConfigurationError(
      'listen is an address that other machines may reach, and trust is not given.',
      'Listen on 127.0.0.1 or a Unix socket, or name the servers in front: trust: { addresses, secret }.',
    );
  }
  const isTrusted = trusting(trust);
  const assertion = assertionOptions(options.assertion, policy);
  if (listen.path !== undefined && assertion.issuer === undefined) {
    throw new ConfigurationError(
      'assertion.issuer is not given, and a Unix socket has no origin.',
      'Name the origin that applications know the service by: assertion: { issuer: https://gate.contoso.example } in the policy.',
    );
  }
  const admin = adminAddress(options.admin, listen);
  const timeoutMs = timeoutOf(options.timeout);
  return { policy, dialect: DIALECT_OF[dialect], guard, listen, admin, isTrusted, assertion, timeoutMs, log };
}

export function assertionOptions(
  given: ServiceAssertionOptions | undefined,
  policy: Policy,
): ServiceAssertionOptions {
  const options = given === undefined ? {} : ownOptions('assertion', given, ASSERTION_NAMES);
  assertKnown('assertion', options, ASSERTION_NAMES);
  const { issuer = policy.assertion.issuer, keys, claims } = options as ServiceAssertionOptions;
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(keys === undefined ? {} : { keys }),
    ...(claims === undefined ? {} : { claims }),
  };
}

export function adminAddress(given: string | false | undefined, listen: Address): Address | undefined {
  if (given === false) return undefined;
  if (given !== undefined) return readAddress('admin', given);
  if (listen.path !== undefined) return undefined;
  const host = isLocal(listen) ? listen.host : '127.0.0.1';
  return { host, port: listen.port === 0 ? 0 : listen.port + 1 };
}

export function timeoutOf(given: Duration | undefined): number {
  return secondsOf('timeout', given, { standard: '2s', least: 0.1, most: '60s', fractions: true }) * 1000;
}

/** Makes the guard of a policy, where none was given. @throws ConfigurationError for invalid options in the policy */
export function guardOf(
  { entra, settings }: Policy,
  log: LogSink | false | undefined,
  revocations?: Revocations,
): Guard {
  const { explain, auditClaims } = settings;
  const own = {
    ...(explain === undefined ? {} : { explain }),
    ...(auditClaims === undefined ? {} : { auditClaims }),
    ...(revocations === undefined ? {} : { revocations }),
  };
  const authorities = (Array.isArray(entra) ? entra : [entra]) as readonly object[];
  const logged = authorities.map((one) => (log === undefined ? one : { ...one, log }));
  return createGuard({ authorities: logged as never, ...own });
}

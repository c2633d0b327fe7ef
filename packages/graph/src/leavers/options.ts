import {
  ConfigurationError,
  consoleLog,
  type Duration,
  type LogSink,
  ownOptions,
  type Revocations,
  secondsOf,
} from '@entra-guard/core';
import { type BoundGraph, overApi, overUrl, type Transport } from '../graph/bound-graph.js';
import { isGuid } from '../graph/guid.js';
import { memoryQueue } from './memory-queue.js';
import type { LeaverQueue } from './queue.js';
import { shown } from './shown.js';
import type { Addresses } from './subscription.js';

/** Options of {@link graphLeavers}. */
export interface GraphLeaverOptions {
  /** Where leavers are revoked: what the guard was given as `revocations`. */
  readonly revocations: Revocations;
  /** The tenant whose users are watched, a GUID. */
  readonly tenantId: string;
  /**
   * Microsoft Graph: a base URL, which needs {@link getToken}, or something that brings its own tokens and whose `fetch(path)` is below
   * the base path. Default `'https://graph.microsoft.com/v1.0'`; a national cloud has another.
   */
  readonly graph?: string | BoundGraph;
  /**
   * Returns an access token of the application for Microsoft Graph, with the permission `User.Read.All`. Called for each request, so it
   * should cache. The token goes to the base URL of {@link graph}, and nowhere else.
   */
  readonly getToken?: () => Promise<string>;
  /**
   * A secret of at most 128 characters, by which notifications are recognised: 32 random ones or more. Required with
   * {@link notificationUrl}; the same in all processes.
   */
  readonly clientState?: string;
  /** How often Graph is asked for changes. Default `'30s'`, at most `'1d'`. */
  readonly pollEvery?: Duration;
  /** Where jobs are kept. Default: in this process. For several processes, `redisQueue(...)` of `@entra-guard/redis`. */
  readonly queue?: LeaverQueue;
  /** Where Graph reaches {@link GraphLeavers.handle}: https, or http on loopback. Default: there are no notifications, only {@link pollEvery}. */
  readonly notificationUrl?: string;
  /** Where Graph tells that a subscription needs attention; may be the same URL. Default: the subscription is only renewed by time. */
  readonly lifecycleNotificationUrl?: string;
  /** Sends requests to Graph; for proxies and tests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** Receives what operators should know. Default: `console`; `false` for none. */
  readonly log?: LogSink | false;
}

/** Options after validation. */
export interface LeaverSettings {
  readonly revocations: Revocations;
  /** In lower case. */
  readonly tenantId: string;
  readonly transport: Transport;
  readonly clientState: string | undefined;
  /** Milliseconds. */
  readonly pollEvery: number;
  readonly queue: LeaverQueue;
  /** `undefined` for no notifications. */
  readonly addresses: Addresses | undefined;
  readonly now: () => number;
  readonly log: LogSink;
}

const WHAT = 'graphLeavers(...)';
const GRAPH = 'https://graph.microsoft.com/v1.0';
const NAMES = [
  'revocations',
  'tenantId',
  'graph',
  'getToken',
  'clientState',
  'pollEvery',
  'queue',
  'notificationUrl',
  'lifecycleNotificationUrl',
  'fetch',
  'now',
  'log',
] as const satisfies readonly (keyof GraphLeaverOptions)[];

/**
 * Reads the options.
 *
 * @throws ConfigurationError that names the option, what was found and what to pass
 */
export function settingsFrom(given: GraphLeaverOptions): LeaverSettings {
  const options = ownOptions(WHAT, given, NAMES);
  const unknown = Object.keys(options).find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `There is no option of ${WHAT} called ${shown(unknown)}.`,
      `Known: ${NAMES.join(', ')}.`,
    );
  }
  const { tenantId, pollEvery, log = consoleLog } = options;
  if (!isGuid(tenantId)) throw invalid('tenantId', tenantId, "Pass the tenant's ID, a GUID.");
  const now = functionIn(options, 'now') ?? (() => Date.now());
  if (log !== false && typeof log !== 'function') throw invalid('log', log, 'Pass a function, or false.');
  const clientState = clientStateIn(options);
  return Object.freeze({
    revocations: revocationsIn(options),
    tenantId: tenantId.toLowerCase(),
    transport: transportIn(options),
    clientState,
    pollEvery: 1000 * secondsOf(`${WHAT}: pollEvery`, pollEvery, { standard: '30s', most: '1d' }),
    queue: queueIn(options, now),
    addresses: addressesIn(options, clientState),
    now,
    log: safely(log),
  });
}

function revocationsIn({ revocations }: GraphLeaverOptions): Revocations {
  const store = Object(revocations) as Partial<Revocations>;
  const methods = ['revoke', 'lift', 'list', 'ready'] as const;
  const missing = methods.find((name) => typeof store[name] !== 'function');
  if (missing === undefined && Number.isFinite(store.longestToken)) return revocations;
  throw invalid(
    'revocations',
    revocations,
    'Pass what the guard has: memoryRevocations(), or redisRevocations(...) of @entra-guard/redis.',
  );
}

function transportIn(options: GraphLeaverOptions): Transport {
  const { graph = GRAPH } = options;
  const getToken = functionIn(options, 'getToken');
  const fetch = functionIn(options, 'fetch');
  if (typeof graph === 'object' && graph !== null) {
    if (typeof graph.fetch !== 'function')
      throw invalid('graph', graph, 'Pass a base URL, or an object with fetch(path, init).');
    const extra = getToken !== undefined ? 'getToken' : fetch !== undefined ? 'fetch' : undefined;
    if (extra === undefined) return overApi(graph);
    throw new ConfigurationError(
      `${WHAT} has ${extra}, and graph has its own.`,
      `Leave ${extra} out, or pass a base URL for graph.`,
    );
  }
  const url = baseUrl(graph);
  if (getToken === undefined) {
    throw invalid(
      'getToken',
      undefined,
      'Pass a function that returns an access token for Microsoft Graph (User.Read.All).',
    );
  }
  // Looked up at each request, so that what instruments the global function later is used.
  return overUrl({ url, getToken, fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)) });
}

function baseUrl(graph: unknown): string {
  const url = urlIn('graph', graph);
  if (url.search === '') return url.href.replace(/\/+$/, '');
  throw invalid('graph', graph, `Pass a base URL without a query, such as ${GRAPH}.`);
}

function addressesIn(options: GraphLeaverOptions, clientState: string | undefined): Addresses | undefined {
  const { notificationUrl, lifecycleNotificationUrl } = options;
  if (notificationUrl === undefined) {
    if (lifecycleNotificationUrl === undefined) return undefined;
    throw invalid('notificationUrl', undefined, 'Pass it with lifecycleNotificationUrl, or leave both out.');
  }
  const lifecycle =
    lifecycleNotificationUrl === undefined
      ? undefined
      : urlIn('lifecycleNotificationUrl', lifecycleNotificationUrl).href;
  if (clientState === undefined) {
    throw invalid(
      'clientState',
      undefined,
      'Pass a secret by which notifications are recognised, the same in all processes.',
    );
  }
  return {
    notificationUrl: urlIn('notificationUrl', notificationUrl).href,
    lifecycleNotificationUrl: lifecycle,
    clientState,
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function urlIn(name: string, given: unknown): URL {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '' && url.hash === '')
    return url;
  throw invalid(
    name,
    given,
    'Pass an https URL without a user and a fragment; http is for this machine only.',
  );
}

function clientStateIn({ clientState }: GraphLeaverOptions): string | undefined {
  if (clientState === undefined) return undefined;
  if (typeof clientState === 'string' && /^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(clientState))
    return clientState;
  // It is a secret, so no part of it is shown.
  const found =
    typeof clientState === 'string' ? `text of ${clientState.length} characters` : typeof clientState;
  throw new ConfigurationError(
    `${WHAT}: clientState is ${found}.`,
    'Pass 1 to 128 visible ASCII characters, the limit of Microsoft Graph; 32 random ones are good.',
  );
}

function queueIn({ queue }: GraphLeaverOptions, now: () => number): LeaverQueue {
  if (queue === undefined) return memoryQueue({ now });
  const { open, close, shared } = Object(queue) as Partial<LeaverQueue>;
  if (typeof open === 'function' && typeof close === 'function' && typeof shared === 'boolean') return queue;
  throw invalid('queue', queue, 'Pass redisQueue(...) of @entra-guard/redis, or leave it out.');
}

function functionIn<N extends 'getToken' | 'fetch' | 'now'>(
  options: GraphLeaverOptions,
  name: N,
): GraphLeaverOptions[N] {
  const given: unknown = options[name];
  if (given === undefined || typeof given === 'function') return options[name];
  throw invalid(name, given, 'Pass a function, or leave it out.');
}

function invalid(name: string, found: unknown, hint: string): ConfigurationError {
  return new ConfigurationError(
    `${WHAT}: ${name} is ${found === undefined ? 'missing' : shown(found)}.`,
    hint,
  );
}

/** A log that fails must not end the feed. */
function safely(log: LogSink | false): LogSink {
  if (log === false) return () => {};
  return (entry) => {
    try {
      log(entry);
    } catch {
      // Only the entry is lost.
    }
  };
}

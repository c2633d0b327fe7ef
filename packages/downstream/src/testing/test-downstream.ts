import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import { readAgentFor, readAgentId } from '../agent/read-agent.js';
import { type BoundApi, boundApi } from '../call/bound-api.js';
import type { Downstream, DownstreamApi } from '../create-downstream.js';
import { type ApiSettings, readApi } from '../options/api-options.js';
import { shown } from '../options/read.js';
import { readValidFor } from '../ticket/ticket.js';

/** One call that the application made. */
export interface TestCall {
  /** The name of the API. */
  readonly api: string;
  /** For whom: `forCaller`, `asApp`, `asAgent` or `forTicket`. */
  readonly as: 'caller' | 'app' | 'agent' | 'ticket';
  /** The request that `forCaller` or `asAgent` was given. */
  readonly request?: object;
  readonly method: string;
  /** With the query, below the base URL: `/items?top=1`. */
  readonly path: string;
  readonly headers: Headers;
  /** As text; empty if there was none. */
  readonly body: string;
}

/**
 * Answers calls of one API: with a `Response`, or with a value that becomes JSON. What it throws, `fetch` and `json` throw: a `StepUpError`
 * tests what the caller is told.
 */
export type TestAnswer = (call: TestCall) => unknown;

/** Stands in for what `createDownstream` makes. */
export interface TestDownstream<Name extends string> extends Downstream<Name> {
  /** What the application has called, the oldest first. Empty it with `calls.length = 0`. */
  readonly calls: TestCall[];
}

const BASE = 'https://api.test.example/';

/**
 * Stands in for `createDownstream(...)` in unit tests: no guard, no token, no network. Paths and headers are checked as they are in
 * production. Throws if `NODE_ENV` is `production`.
 *
 * ```ts
 * const downstream = testDownstream({ stock: ({ path }) => ({ path, left: 3 }) });
 * expect(await left(downstream.apis.stock.forCaller({}), 'book')).toBe(3);
 * expect(downstream.calls).toMatchObject([{ as: 'caller', method: 'GET', path: '/items/book' }]);
 * ```
 *
 * @param answers a function for each API
 * @throws ConfigurationError for anything but functions
 */
export function testDownstream<const Name extends string>(
  answers: Readonly<Record<Name, TestAnswer>>,
): TestDownstream<Name> {
  if (process.env.NODE_ENV === 'production') {
    throw new ConfigurationError(
      'testDownstream(...) was called with NODE_ENV=production. It calls no API.',
      'Use createDownstream(...) in production, and import @entra-guard/downstream/testing in tests only.',
    );
  }
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) {
    throw new ConfigurationError(
      `testDownstream(...) was given ${shown(answers)}.`,
      'Pass a function for each API: testDownstream({ stock: () => ({ left: 3 }) }).',
    );
  }
  const calls: TestCall[] = [];
  const apis = Object.fromEntries(
    Object.entries<TestAnswer>(answers).map(([name, answer]) => [name, apiOf(name, answer, calls)]),
  ) as Record<Name, DownstreamApi>;
  const close = async (): Promise<void> => {};
  return Object.freeze({
    apis: Object.freeze(apis),
    calls,
    forget: async (_auth: AuthContext) => {},
    health: async () =>
      ({ status: 'up', message: 'Other APIs are answered by the test.', parts: [] }) as const,
    close,
    [Symbol.asyncDispose]: close,
  });
}

function apiOf(name: string, answer: TestAnswer, calls: TestCall[]): DownstreamApi {
  if (typeof answer !== 'function') {
    throw new ConfigurationError(
      `testDownstream(...): ${name} is ${shown(answer)}.`,
      `Pass a function that answers its calls: ${name}: ({ path }) => ({ … }).`,
    );
  }
  const api = readApi(name, {
    baseUrl: BASE,
    scopes: ['api://test/Any'],
    appScope: 'api://test/.default',
    cae: false,
  });
  const tickets = new Set<string>();
  const bound = (as: TestCall['as'], request?: object): BoundApi => {
    const thrown = new Set<unknown>();
    const made = boundApi(api, TOKENS, answering(api, answer, calls, { as, request, thrown }), Date.now);
    // What an answer throws is not a failure of the network.
    const asThrown = (error: unknown): never => {
      const { cause } = error as { readonly cause?: unknown };
      throw thrown.has(cause) ? cause : error;
    };
    return Object.freeze({
      ...made,
      fetch: (path: string, init?: RequestInit) => made.fetch(path, init).catch(asThrown),
      json: <T>(path: string, init?: RequestInit): Promise<T> => made.json<T>(path, init).catch(asThrown),
    });
  };
  return Object.freeze({
    forCaller: (request: object) => bound('caller', request),
    asApp: () => bound('app'),
    asAgent: (agentId: string, forWhom: Parameters<DownstreamApi['asAgent']>[1]) => {
      readAgentId(agentId);
      const acts = readAgentFor(forWhom);
      return bound('agent', acts.for === 'caller' ? acts.request : undefined);
    },
    ticketFor: async (_request: object, options: Parameters<DownstreamApi['ticketFor']>[1]) => {
      readValidFor(options);
      const ticket = `test-ticket-${tickets.size + 1}`;
      tickets.add(ticket);
      return ticket;
    },
    forTicket: (ticket: string) => {
      if (tickets.has(ticket)) return bound('ticket');
      throw new ConfigurationError(
        `The ticket ${shown(ticket)} was not given by ticketFor(...) of this stand-in, or was released.`,
        `Take one first: await apis.${name}.ticketFor(req, { validFor: '8h' }).`,
      );
    },
    release: async (ticket: string) => void tickets.delete(ticket),
  });
}

const TOKEN = { token: 'test-token', expiresAt: Number.MAX_SAFE_INTEGER };
const TOKENS = {
  get: async () => TOKEN,
  getFor: async () => TOKEN,
  demanded: () => new Error('A stand-in demands nothing.'),
};

function answering(
  api: ApiSettings,
  answer: TestAnswer,
  calls: TestCall[],
  {
    as,
    request,
    thrown,
  }: { readonly as: TestCall['as']; readonly request: object | undefined; readonly thrown: Set<unknown> },
): typeof globalThis.fetch {
  return async (input, init) => {
    const sent = new Request(input, init);
    const { pathname, search } = new URL(sent.url);
    const headers = new Headers(sent.headers);
    headers.delete('authorization');
    const call: TestCall = {
      api: api.name,
      as,
      ...(request === undefined ? {} : { request }),
      method: sent.method,
      path: `${pathname}${search}`,
      headers,
      body: await sent.text(),
    };
    calls.push(call);
    let given: unknown;
    try {
      given = await answer(call);
    } catch (error) {
      thrown.add(error);
      throw error;
    }
    if (given instanceof Response) return given;
    return given === undefined ? new Response(null, { status: 204 }) : Response.json(given);
  };
}

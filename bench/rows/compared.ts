import { Child } from '../engine/child.js';
import type { Bench } from '../engine/row.js';
import { type Start, startServers } from '../engine/servers.js';
import { perSecond } from '../engine/stopwatch.js';
import { startOfRound, tokensFor, tokensOfRound } from '../engine/tokens.js';
import { startVerifiers } from '../engine/verifiers.js';
import type { LoadingQuestions } from '../hosts/loading.js';
import type { StartingQuestions } from '../hosts/starting.js';
import { logging, REQUESTS, requestsOf, SHORT_REQUESTS } from './refusals.js';

export const SIDES = ['before', 'after'] as const;
export type Side = (typeof SIDES)[number];

/** Operations a second of one build in one round, by what is done. */
export type Measures = Readonly<Record<string, (side: Side, round: number) => Promise<number>>>;

/** Processes of both builds, and what is measured with them. */
interface Pair {
  readonly measures: Measures;
  close(): Promise<void>;
}

/** Starts the processes of a pair. */
type StartPair = () => Promise<Pair>;

const CALLERS = 100;
/** Local Entras in one round. */
const STARTS = 20;
export const PAIRS = ['validator', 'guard', 'express', 'nest', 'local'] as const;
export type PairName = (typeof PAIRS)[number];
/** The guard as adapters use it. */
const DEFAULTS = 'entra-guard (default log)';

/** What two builds are compared by. */
export function compared(
  bench: Bench,
  builds: Readonly<Record<Side, string>>,
): Readonly<Record<PairName, StartPair>> {
  const { authority, settings } = bench;
  const { rounds, newTokens: count, newHttpTokens, lead, repeat, httpRepeat, short } = settings;
  const callers = authority.tokens(CALLERS);
  const requests = requestsOf(authority);
  const startOf =
    (contender: string) =>
    (side: Side): Start => ({
      ...logging(authority),
      args: [contender, authority.file],
      build: builds[side],
    });
  const verifying = (contender: string, name: string) => async (): Promise<Pair> => {
    const verifiers = await startVerifiers(bench, SIDES, tokensFor(rounds, 2 * count), startOf(contender));
    const once = (inFlight: number) => (side: Side, round: number) =>
      // Half of a round's tokens one at a time, and the other half in flight.
      verifiers.once(side, {
        from: startOfRound(round, 2 * count) + (inFlight === 1 ? 0 : count),
        count,
        lead,
        inFlight,
      });
    return {
      measures: {
        [`${name}, remembered tokens`]: (side) => verifiers.again(side, { tokens: CALLERS, seconds: repeat }),
        [`${name}, new tokens`]: once(1),
        [`${name}, new tokens, 64 in flight`]: once(64),
      },
      close: verifiers.close,
    };
  };
  const express = async (): Promise<Pair> => {
    const servers = await startServers(bench, 'express', SIDES, startOf(DEFAULTS));
    return {
      measures: {
        'Express, remembered tokens': (side) => servers.inTurn(side, callers, httpRepeat),
        'Express, new tokens': (side, round) =>
          servers.eachOnce(side, tokensOfRound(authority, round, newHttpTokens)),
        ...Object.fromEntries(
          (short ? SHORT_REQUESTS : REQUESTS)
            .filter((kind) => kind !== 'good')
            .map((kind) => [
              `Express, refused: ${kind}`,
              (side: Side) => servers.inTurn(side, requests[kind].tokens, httpRepeat, requests[kind].status),
            ]),
        ),
      },
      close: servers.close,
    };
  };
  const nest = async (): Promise<Pair> => {
    const servers = await startServers(bench, 'nest', SIDES, startOf('entra-guard (Nest)'));
    return {
      measures: { 'NestJS, remembered tokens': (side) => servers.inTurn(side, callers, httpRepeat) },
      close: servers.close,
    };
  };
  /** The local Entra as a test file uses it: in process, started, and asked for one token. */
  const local = async (): Promise<Pair> => {
    const start = (side: Side) => Child.start<StartingQuestions>('starting', [side], { build: builds[side] });
    const children = { before: start('before'), after: start('after') };
    const loadOnce = async (side: Side) => {
      const child = Child.start<LoadingQuestions>('loading', [side], { build: builds[side] });
      try {
        const loaded = await child.ask('load', { first: 'express', packages: ['@entra-guard/testing'] });
        return perSecond(loaded.timed, settings.clock);
      } finally {
        await child.close();
      }
    };
    return {
      measures: {
        'Local Entra, loading it': loadOnce,
        'Local Entra, start and first token': async (side) =>
          perSecond(await children[side].ask('start', STARTS), settings.clock),
      },
      close: async () => {
        await Promise.all(SIDES.map((side) => children[side].close()));
      },
    };
  };
  return {
    validator: verifying('entra-guard', 'Validator'),
    guard: verifying(DEFAULTS, 'Guard'),
    express,
    nest,
    local,
  };
}

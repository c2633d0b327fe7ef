import type { Bench } from '../engine/row.js';
import { type Start, startServers } from '../engine/servers.js';
import { startOfRound, tokensFor, tokensOfRound } from '../engine/tokens.js';
import { startVerifiers } from '../engine/verifiers.js';
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
export const PAIRS = ['validator', 'guard', 'express', 'nest'] as const;
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
  return {
    validator: verifying('entra-guard', 'Validator'),
    guard: verifying(DEFAULTS, 'Guard'),
    express,
    nest,
  };
}

import type { ServerQuestions } from '../hosts/express.js';
import { Child, type Surroundings } from './child.js';
import { Connections, eachOnce, inTurn, type Load } from './load.js';
import type { Bench } from './row.js';
import { perSecond } from './stopwatch.js';
import { CALLERS_BEFORE } from './tokens.js';

/** Servers that are measured, a process for each; the load comes from this process. */
export interface Servers<Name extends string> {
  /**
   * Requests a second with these tokens in turn, after each was seen twice.
   *
   * @param status what each is answered with. Default: 200
   */
  inTurn(name: Name, tokens: readonly string[], seconds: number, status?: number): Promise<number>;
  /** Requests a second with tokens of which none was seen before; {@link CALLERS_BEFORE} others were. */
  eachOnce(name: Name, tokens: readonly string[]): Promise<number>;
  /** The status that one token is answered with. */
  status(name: Name, token: string): Promise<number>;
  /** As fast as it answers. */
  load(name: Name, next: () => string | undefined): Promise<Load>;
  /** Where it listens. */
  origin(name: Name): string;
  /** Microseconds of processor time for each request, over all rounds so far. */
  processorTime(name: Name): number;
  close(): Promise<void>;
}

interface Server {
  readonly child: Child<ServerQuestions>;
  readonly origin: string;
  readonly connections: Connections;
  /** The first of some tokens that it has seen in turn, and how many they were. */
  readonly seen: Set<string>;
  requests: number;
  cpu: number;
}

/** How a process is started. */
export interface Start extends Surroundings {
  /** Default: the contender's name and the authority. */
  readonly args?: readonly string[];
}

/** @param host a module of `hosts/` that answers what the one for Express does */
export async function startServers<Name extends string>(
  bench: Bench,
  host: string,
  names: readonly Name[],
  startOf: (name: Name) => Start = () => ({}),
): Promise<Servers<Name>> {
  const { authority, settings } = bench;
  const servers = new Map<Name, Server>();
  const serverOf = (name: Name) => servers.get(name) as Server;
  for (const name of names) {
    const { certificateFile } = authority;
    const { args = [name, authority.file], ...surroundings } = startOf(name);
    const child = Child.start<ServerQuestions>(host, args, { certificateFile, ...surroundings });
    const origin = `http://127.0.0.1:${await child.ask('listen', null as never)}`;
    const connections = new Connections(origin, settings.connections);
    servers.set(name, { child, origin, connections, seen: new Set(), requests: 0, cpu: 0 });
    bench.setups.set(name, await child.ask('setup', null as never));
  }
  const measured = async (server: Server, next: () => string | undefined, status = 200): Promise<number> => {
    const before = await server.child.ask('cpu', null as never);
    const { requests, seconds }: Load = await server.connections.load(next, status);
    const cpu = (await server.child.ask('cpu', null as never)) - before;
    server.cpu += cpu;
    server.requests += requests;
    return perSecond({ operations: requests, seconds, processorSeconds: cpu / 1e6 }, settings.clock);
  };
  return {
    inTurn: async (name, tokens, seconds, status) => {
      const server = serverOf(name);
      const which = `${tokens.length} ${tokens[0]}`;
      // Some remember a token when they see it for the second time.
      const first = server.seen.has(which) ? upTo(settings.lead, tokens) : [...tokens, ...tokens];
      await server.connections.load(eachOnce(first), status);
      server.seen.add(which);
      return measured(server, inTurn(tokens, seconds), status);
    },
    eachOnce: async (name, tokens) => {
      const server = serverOf(name);
      // Keys are fetched and connections opened with tokens of callers who were there before.
      const before = authority.tokens(CALLERS_BEFORE);
      await server.connections.load(eachOnce([...before, ...before]));
      await server.child.ask('collectGarbage', null as never);
      await server.connections.load(eachOnce(tokens.slice(0, settings.lead)));
      return measured(server, eachOnce(tokens.slice(settings.lead)));
    },
    status: (name, token) => serverOf(name).connections.status(token),
    load: (name, next) => serverOf(name).connections.load(next),
    origin: (name) => serverOf(name).origin,
    processorTime: (name) => serverOf(name).cpu / serverOf(name).requests,
    close: async () => {
      await Promise.all([...servers.values()].map(({ connections }) => connections.close()));
      await Promise.all([...servers.values()].map(({ child }) => child.close()));
    },
  };
}

/** So many of these in turn. */
function upTo(count: number, tokens: readonly string[]): readonly string[] {
  return Array.from({ length: count }, (_, index) => tokens[index % tokens.length] as string);
}

/** A guard that lets these pass is set up wrongly, and its speed would mean nothing. */
export async function assertGuards<Name extends string>(
  { authority }: Bench,
  servers: Servers<Name>,
  guards: readonly Name[],
): Promise<void> {
  const [good = ''] = authority.tokens(1);
  const { signature, expired, audience, issuer, withoutPermissions } = authority.wrong;
  const wrong = Object.entries({ signature, expired, audience, issuer, withoutPermissions });
  for (const name of guards) {
    const status = await servers.status(name, good);
    if (status !== 200) throw new Error(`${name} answers a good token with ${status}.`);
    for (const [fault, make] of wrong) {
      const answer = await servers.status(name, make().token);
      if (answer !== 401 && answer !== 403) {
        throw new Error(`${name} answers a token that is wrong by ${fault} with ${answer}.`);
      }
    }
  }
}

import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { Client } from 'undici';
import { aim } from '../engine/aim.js';
import { Child } from '../engine/child.js';
import { send } from '../engine/load.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import type { FrontName, FrontQuestions } from '../hosts/front.js';

const CALLERS = 100;
const CONNECTIONS = 32;
const CEILING = 'node:http' as const;
const SERVICE = 'entra-guard (service)' as const;
const PROXY = 'entra-guard (proxy)' as const;
const UNCHECKED = 'httpxy' as const;
const NAMES: readonly FrontName[] = [CEILING, SERVICE, 'nginx', 'nginx + entra-guard', UNCHECKED, PROXY];

interface Front {
  readonly child: Child<FrontQuestions>;
  readonly clients: readonly Client[];
  /** Milliseconds, one a request, of the last round. */
  latencies: number[];
}

/** What a decision in front of an application costs. */
export const front: Row = {
  name: 'front',
  short: false,
  async run(bench) {
    if (spawnSync('nginx', ['-v']).status !== 0) {
      bench.say('front: left out, nginx is not installed.');
      return [];
    }
    const { authority, settings } = bench;
    const { certificateFile } = authority;
    const tokens = authority.tokens(CALLERS);
    const fronts = new Map<FrontName, Front>();
    try {
      for (const name of NAMES) {
        const child = Child.start<FrontQuestions>('front', [name, authority.file], { certificateFile });
        const origin = `http://127.0.0.1:${await child.ask('listen', null as never)}`;
        const clients = Array.from({ length: CONNECTIONS }, () => new Client(origin, { pipelining: 1 }));
        fronts.set(name, { child, clients, latencies: [] });
      }
      const samples = await interleaved(NAMES, settings.httpRounds, (name) =>
        load(fronts.get(name) as Front, tokens, settings.httpRepeat),
      );
      const memory = await (fronts.get(SERVICE) as Front).child.ask('memory', null as never);
      return [
        {
          row: 'front',
          title: 'In front of an application, repeated tokens',
          unit: 'requests/s',
          reference: CEILING,
          figures: figures(samples, CEILING).map((figure) => ({
            ...figure,
            beside: besideOf(fronts.get(figure.contender as FrontName) as Front),
          })),
          aims: [
            aim(`of ${CEILING} that answers at once`, ratio(samples, SERVICE, CEILING), { atLeast: 0.9 }),
            aim(`of ${UNCHECKED}, a proxy that checks nothing`, ratio(samples, PROXY, UNCHECKED), {
              atLeast: 0.8,
            }),
          ],
          notes: [
            `${CALLERS} tokens in turn on ${CONNECTIONS} connections, the load from another process on the same cores. The service alone is asked as Envoy asks it. nginx has the configuration that \`entra-guard policy config nginx\` prints, one worker, and an application that is an nginx which answers at once. The service takes ${Math.round(memory / 1_048_576)} MiB. The proxy judges, signs and carries in one process; ${UNCHECKED} carries, and checks nothing. The load of the machine was ${(loadavg()[0] ?? 0).toFixed(1)}.`,
          ],
        },
      ];
    } finally {
      await Promise.all(
        [...fronts.values()].flatMap(({ clients }) => clients.map((client) => client.close())),
      );
      await Promise.all([...fronts.values()].map(({ child }) => child.close()));
    }
  },
};

/** Requests a second, as fast as they are answered. */
async function load(front: Front, tokens: readonly string[], seconds: number): Promise<number> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  let sent = 0;
  const started = performance.now();
  await Promise.all(
    front.clients.map(async (client) => {
      while (performance.now() < end) {
        const from = performance.now();
        const status = await send(client, tokens[sent++ % tokens.length] as string);
        if (status !== 200) throw new Error(`A request was answered with ${status}.`);
        latencies.push(performance.now() - from);
      }
    }),
  );
  front.latencies = latencies.sort((a, b) => a - b);
  return latencies.length / ((performance.now() - started) / 1000);
}

function besideOf({ latencies }: Front): { readonly [name: string]: number } {
  const at = (part: number): number =>
    Number((latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(2));
  return { 'p50 ms': at(0.5), 'p99 ms': at(0.99) };
}

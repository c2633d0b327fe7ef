import { availableParallelism } from 'node:os';
import {
  type Answers,
  FAULTS,
  type Fault,
  type HealthStatus,
  type Observation,
  ONLY_FULL,
} from './faults.js';

const BEFORE = `# Faults of Redis, and what callers notice

<!-- Written by \`node scripts/fault-table.mjs\`. Don't edit: change packages/redis/test/support/fault-page.ts and run it again. -->

Each row is [a test](../packages/redis/test/faults.servers.test.ts) with Redis servers of its own and
[processes that share revocations](revocation-redis.md) over them. While the fault lasts, each process is asked about callers every
10 ms. \`whenStale\` is \`'refuse'\` where the row does not say otherwise.

- **Has to refuse**: callers who are revoked as far as the process knows, and all callers while it knows of none. **A test fails if
  it lets in one of them once.**
- **Can't know yet**: callers whom another process has revoked while this one was cut off. They are refused as soon as
  it has read that.
- **Others**: callers who are not revoked.
- **Health**: each status that \`health()\` of a process had, from the fault until it was over.
- **Heals after**: the median over the clients, and the longest time.
`;

const COLUMNS = ['fault', 'clients', 'has to refuse', "can't know yet", 'others', 'health', 'heals after'];

/** Returns the text of docs/revocation-faults.md. */
export function faultPage(seen: readonly Observation[], redisVersion: string): string {
  const rows = Object.keys(FAULTS).map((fault) =>
    rowOf(
      fault as Fault,
      seen.filter((one) => one.fault === fault),
    ),
  );
  const load = Math.max(...seen.map((one) => one.load)).toFixed(1);
  return `${BEFORE}
One run of \`node scripts/fault-table.mjs\`, Node ${process.versions.node}, Redis ${redisVersion}, all processes and servers of up to five
tests at a time on one machine with ${availableParallelism()} cores and a load of up to ${load}. Times are by the wall clock, so a quiet machine heals
sooner.

| ${COLUMNS.join(' | ')} |
|${' --- |'.repeat(COLUMNS.length)}
${rows.join('\n')}

The clients are \`redis\` 5 and 6 and \`ioredis\` 5 and 6, each with its standard protocol, and \`redis\` 5 with RESP3, \`redis\` 6 and \`ioredis\` 6
with RESP2. The tests run for two of them, and for all with \`ENTRA_GUARD_FULL=1\`; \`CLIENT KILL\` comes 20 times without that. Rows with
¹ are tested only with it. What does not depend on the client is tested with one.
`;
}

/** Returns the faults that a page has rows for. */
export function faultsOn(page: string): readonly string[] {
  const [, table = ''] = page.split(/^\| --- .*$/m);
  return [...table.matchAll(/^\| ([^|]+?)¹? \|/gm)].map(([, fault = '']) => fault);
}

function rowOf(fault: Fault, seen: readonly Observation[]): string {
  if (seen.length === 0) throw new Error(`No test has recorded: ${fault}`);
  const cells = [
    `${fault}${ONLY_FULL.includes(fault) ? '¹' : ''}`,
    String(new Set(seen.map(({ client }) => client)).size),
    ...(['known', 'unknown', 'others'] as const).map((group) => answersOf(seen.map((one) => one[group]))),
    healthOf(seen.flatMap(({ health }) => health)),
    `${healingOf(seen.map(({ healedMs }) => healedMs))}: ${FAULTS[fault]}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function answersOf(all: readonly Answers[]): string {
  const sum = (name: keyof Answers) => all.reduce((total, answers) => total + answers[name], 0);
  const told = (
    [
      ['revoked', '401'],
      ['unavailable', '503'],
      ['accepted', 'let in'],
    ] as const
  ).flatMap(([name, words]) => (sum(name) === 0 ? [] : [`${sum(name).toLocaleString('en-US')} × ${words}`]));
  return told.join(', ') || '-';
}

function healthOf(seen: readonly HealthStatus[]): string {
  const order: readonly HealthStatus[] = ['down', 'degraded', 'up'];
  return order.filter((status) => seen.includes(status)).join(', ');
}

function healingOf(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const shown = (time = 0) => `${(time / 1000).toFixed(2)} s`;
  const median = shown(sorted[Math.floor((sorted.length - 1) / 2)]);
  const longest = shown(sorted.at(-1));
  return longest === median ? median : `${median} (${longest})`;
}

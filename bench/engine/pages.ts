import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.js';
import type { Report } from './report.js';
import type { RowResult } from './row.js';
import { aimTable, figureTable, markdownTable } from './table.js';

/** All that a run leaves in docs/, by path from the root of the repository. */
export type Pages = ReadonlyMap<string, string>;

const FOLDER = 'docs/bench';
const RESULTS = /^node-\d+\.json$/;
// Both as a source in tests and as built, two folders or three below the root.
const root = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../..' : '../..', import.meta.url),
);

/**
 * The page, its charts and the figures behind them. The same reports give the same pages.
 *
 * @param reports one for each major version of Node; charts and details are of the newest
 * @throws Error when there is none
 */
export function pagesOf(reports: readonly Report[]): Pages {
  const [newest, ...older] = [...reports].sort((one, other) => majorOf(other) - majorOf(one));
  if (newest === undefined) throw new Error('There are no figures. Run pnpm bench first.');
  return new Map([
    ['docs/bench.md', page(newest, older)],
    ...[newest, ...older].map((report): [string, string] => [
      `${FOLDER}/node-${majorOf(report)}.json`,
      `${JSON.stringify(report, null, 2)}\n`,
    ]),
    ...newest.rows.filter(hasChart).map((row): [string, string] => [`${FOLDER}/${row.row}.svg`, chart(row)]),
  ]);
}

export function writePages(reports: readonly Report[]): readonly string[] {
  return [...pagesOf(reports)].map(([path, text]) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return relative(root, file);
  });
}

/** The reports of the last full runs, one for each major version of Node. */
export function readReports(): readonly Report[] {
  const folder = join(root, FOLDER);
  const files = readdirSync(folder).filter((name) => RESULTS.test(name));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report);
}

/** Those that a new one stands beside. */
export function otherReports(report: Report): readonly Report[] {
  return readReports().filter((one) => majorOf(one) !== majorOf(report));
}

/**
 * Puts rows into the report of the same version of Node, in the place of those with their names, or at its end. Each says that it was
 * measured apart, since its machine may have been busier than that of the others.
 */
export function withRows(reports: readonly Report[], added: Report, clock: string): readonly Report[] {
  const names = new Set(added.rows.map(({ row }) => row));
  const apart = `Measured apart from the other rows, by ${clock}, on Node ${added.node}.`;
  const rows = added.rows.map((row) => ({ ...row, notes: [...row.notes, apart] }));
  return reports.map((report) =>
    majorOf(report) === majorOf(added)
      ? {
          ...report,
          // What the other rows were measured with stays.
          setups: { ...added.setups, ...report.setups },
          rows: [...report.rows.filter(({ row }) => !names.has(row)), ...rows],
        }
      : report,
  );
}

function majorOf({ node }: Report): number {
  return Number.parseInt(node, 10);
}

/** Where several contenders meet. */
function hasChart({ reference }: RowResult): boolean {
  return reference !== undefined;
}

/** All aims on one version of Node, and what they were measured on. */
function aimsOn({ node, machine, rows }: Report): string {
  const aims = rows.flatMap((row) => row.aims);
  const met = aims.filter((one) => one.met).length;
  return `## Aims on Node ${node}

${met} of ${aims.length} aims were met.

${machine.map((line) => `- ${line}`).join('\n')}

${markdownTable(aimTable(rows))}`;
}

function page(newest: Report, older: readonly Report[]): string {
  const { node, setups, rows } = newest;
  return `# Measurements

<!-- Written by \`pnpm bench\`. Don't edit: change bench/engine/pages.ts and run \`pnpm bench --pages\`. -->

One run on each version of Node measured all of this, entra-guard and its peers side by side, on the same tokens: RS256 with a
key of 2048 bits, tokens of about 1.35 kB with the claims that Entra's have.

Absolute figures hold for that machine; ratios hold elsewhere too. Every contender runs in a process of its own and is
measured once a round, in turn with all others. The first rounds are thrown away, since the engine is still compiling, and
each round begins with some tokens or requests that are not counted. Figures are medians over the rounds, with the lower and
the upper quartile in brackets. A ratio is taken round by round, and its median and quartiles are given. Before it is
measured, each contender has to accept a good token and to refuse one with a forged signature, a wrong issuer, a wrong
audience or a past expiry, and over HTTP one without the scope. Rows that were measured apart from the others say so.

${[newest, ...older].map(aimsOn).join('\n\n')}

What follows was measured on Node ${node}.

${rows.map(section).join('\n\n')}

## Where aims are missed, and what would win them

${quietness(rows)}Profiles (\`pnpm bench --only new --profile folder\`) show where the time goes:

- **New tokens.** Beside the signature most goes to the text of the claims: decoding base64url and \`JSON.parse\`. Then come the
  checks, the caller that a handler gets, frozen all the way down, and waiting for the promise. In a loop of its own all of it
  takes half of that: between two signatures it is run cold. fast-jwt hands the claims over as they are, and its caller does
  not wait. The faster the processor is at RSA, the worse the ratio. Node's own decoder of base64 was tried: its vector
  instructions slow some processors down while they verify. What is left to win is a parser that reads only the claims that
  are looked at.
- **New tokens, 64 in flight.** Of those that come together most are verified on the threads of libuv
  ([why](decisions/0011-signatures-beside-the-event-loop.md)): other cores help.
- **Repeated tokens.** Most of the time is SHA-256 of the token, which keeps raw tokens out of memory. That is also why a token
  with 200 roles takes longer: there is more of it to hash. To wait for a promise that is kept already takes a part that shows;
  \`guard.decide\`, which the adapters use, gives the answer without one.
- **Over HTTP.** What takes one microsecond in a loop takes three to five between two requests, where everything is run cold.
  More than half of what a guard adds is SHA-256 of the token: a middleware that hashes the header and does nothing else is no
  faster than about 0.9 of the unguarded route on Node 26. The rest is reading the header, judging, and remembering the caller of
  the request. To keep the caller in a private field of the request, not in a WeakMap, was tried, and hardly shows.
- **Node 20.** Its V8 gives each request that Express handles a shape of its own, which is copied for each property that is set:
  1.5 kB and a microsecond for \`req.auth\` alone. A process may escape that, whichever contender runs in it, and is twice as
  quick then: ratios to the unguarded route jump. Later versions share the shapes. There a request takes a third of the time, so
  that the same guard is a larger part of it: compare the processor time per request, not only the ratio.
- **NestJS.** The same, and the context has to be read, and what was judged to be remembered.
- **5,000 tokens in rotation.** Contenders that have to see each token first have had more requests to warm up with than the
  unguarded route, and V8 makes much of that: on Node 20 one of them may be ahead of it. Compare that row among its contenders,
  and trust its ratio to the route less than the others.
- **Every token new, over HTTP.** A signature takes as long as the rest of the request, and there is no way around it: where
  cores are to spare, it is verified there while the event loop answers others, and where they are not, the bare signature
  (\`crypto.verify\`) is the most that can be had. The load takes one of the machine's cores.
- **Junk.** To refuse takes two to four times what a remembered caller takes: nothing of a refused token is remembered, so that
  each is taken apart; the error has a stack, the log counts it, and the answer is longer. A forged signature has to be
  verified before anybody knows. As much junk as good requests, at a fifth of what the guard can answer, therefore keeps the
  server busy most of the time, and the load has the other core: whatever is late then waits in a queue. The faster good
  requests are answered, the more junk this row sends.
- **Start with many records.** What stalls is the garbage collector: all of the new objects stay, and it moves them. No request is
  judged by the records before they were read once. When they are read again, nearly nothing is new, and requests are answered
  every 2 ms in between.
- **Growth.** For a thousand tenants and a hundred thousand remembered tokens nothing more is done; what is needed for one of
  them lies in memory that is farther away. A token with more roles is longer: it takes longer to hash, to decode and to parse.

## How each is set up

${markdownTable([['contender', 'set up'], ...Object.entries(setups)])}

## Run it yourself

\`\`\`sh
pnpm bench                    # everything, some twenty minutes; writes this page, for the version of Node that runs it
pnpm bench --only repeated    # one row; prints it and writes nothing
pnpm bench --short            # a minute or so; fails when something is worse than half of its aim
pnpm bench --only nest --add  # one row; puts it among the figures of the last full run, and says so
pnpm bench --pages            # this page again from the figures in docs/bench
node bench/dist/compare.js --before ../other-checkout    # two builds in one run
\`\`\`

Close what else uses the processor. The code is in [bench/](../bench): a file for each row and for each contender.
`;
}

/** How steady the machine was, by the one contender that is in several rows and has nothing to do. */
function quietness(rows: readonly RowResult[]): string {
  const rates = rows
    .flatMap(({ figures }) => figures)
    .filter(({ contender }) => contender === 'unguarded')
    .map(({ value }) => value.median);
  if (rates.length < 2) return '';
  const [least, most] = [Math.min(...rates), Math.max(...rates)].map((rate) => Math.round(rate));
  return `From row to row the unguarded route alone ran between ${least?.toLocaleString('en-US')} and ${most?.toLocaleString('en-US')} requests a second: so much of a figure is
the machine. Ratios of a round suffer less from that, but read them with their quartiles, and trust milliseconds least.

`;
}

function section(row: RowResult): string {
  const image = hasChart(row) ? `![${row.title}](bench/${row.row}.svg)\n\n` : '';
  const notes = row.notes.length === 0 ? '' : `\n\n${row.notes.join(' ')}`;
  return `## ${row.title}\n\n${image}${markdownTable(figureTable(row))}${notes}`;
}

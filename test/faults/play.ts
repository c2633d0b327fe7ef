import type { TestKey } from '../support/forger.js';
import { type Clock, HOUR, MINUTE, SECOND } from './clock.js';
import type { Contender, ContenderKind, Outcome, Verdict } from './contenders.js';
import { LoopbackTenant } from './loopback-tenant.js';

/** What a row works with: one contender and its authority. */
export interface Stage {
  readonly kind: ContenderKind;
  readonly authority: LoopbackTenant;
  readonly clock: Clock;
  readonly contender: Contender;
}

/** A situation, and how it affects libraries that validate tokens. */
export interface Row {
  readonly name: string;
  /** Limit for reading keys, in milliseconds. Short only in rows where it must expire. */
  readonly timeout?: number;
  /** Whether all contenders use TLS, also those that support http. */
  readonly tls?: boolean;
  /** Performs the row. Returns one line for each part of the situation; the lines do not differ between runs. */
  readonly play: (stage: Stage) => Promise<readonly string[]>;
  /** The required lines of entra-guard. */
  readonly ours: readonly string[];
}

const GENEROUS = 5000;

export async function perform(row: Row, kind: ContenderKind, clock: Clock): Promise<readonly string[]> {
  const authority = await LoopbackTenant.start(clock, row.tls === true || kind.needsTls);
  clock.install();
  const contender = kind.make(authority, clock, row.timeout ?? GENEROUS);
  try {
    return await row.play({ kind, authority, clock, contender });
  } finally {
    contender.close();
    clock.uninstall();
    await authority.close();
  }
}

/** Reads keys without a fault, and lets five seconds pass. */
export async function warmUp({ authority, contender, clock }: Stage): Promise<void> {
  const { outcome } = await contender.verify(authority.token());
  if (outcome !== 'accepted') throw new Error(`the warm-up was ${outcome}`);
  await pass({ contender, clock }, 5 * SECOND);
  authority.requests = 0;
}

/** Waits for background work, then lets time pass. */
export async function pass(
  { contender, clock }: Pick<Stage, 'contender' | 'clock'>,
  milliseconds: number,
): Promise<void> {
  await contender.settle();
  clock.advance(milliseconds);
}

/** Clients send tokens one after another. No time passes. */
export async function oneByOne(
  { contender }: Stage,
  count: number,
  token: (index: number) => string,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let index = 0; index < count; index++) verdicts.push(await contender.verify(token(index)));
  return verdicts;
}

/** Clients send tokens at the same time. */
export function atOnce(
  { contender }: Stage,
  count: number,
  token: (index: number) => string,
): Promise<readonly Verdict[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => contender.verify(token(index))));
}

const WORDS: Readonly<Record<Outcome, string>> = {
  accepted: 'accepted',
  refused: 'refused (401)',
  undecided: 'undecided (503)',
  hung: 'left hanging',
};

/** Summarises verdicts: "9 accepted, 1 undecided (503), Retry-After 20 s". */
export function summary(verdicts: readonly Verdict[]): string {
  const parts: string[] = [];
  for (const outcome of ['accepted', 'refused', 'undecided', 'hung'] as const) {
    const count = verdicts.filter((verdict) => verdict.outcome === outcome).length;
    if (count > 0) parts.push(`${count.toLocaleString('en')} ${WORDS[outcome]}`);
  }
  const told = [...new Set(verdicts.flatMap(({ retryAfter }) => retryAfter ?? []))].map(Math.ceil);
  if (told.length > 0) {
    const [least, most] = [Math.min(...told), Math.max(...told)];
    parts.push(`Retry-After ${least === most ? least : `${least} to ${most}`} s`);
  }
  return parts.join(', ');
}

/** Counts the requests since the last count: "2 requests". */
export async function requests({ authority, contender }: Stage): Promise<string> {
  await contender.settle();
  const count = authority.requests;
  authority.requests = 0;
  return `${count.toLocaleString('en')} ${count === 1 ? 'request' : 'requests'}`;
}

/** When a row checks for a change, after the start of the wait. */
const LOOKS: readonly (readonly [label: string, after: number])[] = [
  ['at once', 0],
  ['after 1 s', SECOND],
  ['after 10 s', 10 * SECOND],
  ['after 30 s', 30 * SECOND],
  ['after 1 min', MINUTE],
  ['after 2 min', 2 * MINUTE],
  ['after 10 min', 10 * MINUTE],
  ['after 11 min', 11 * MINUTE],
  ['after 1 h', HOUR],
  ['after 61 min', 61 * MINUTE],
  ['after 10 h', 10 * HOUR],
  ['after 11 h', 11 * HOUR],
  ['after 25 h', 25 * HOUR],
];

/** Measures how long it takes until a token with that key is accepted, or is no longer accepted. */
export async function until(
  wanted: 'accepted' | 'not accepted',
  stage: Stage,
  key?: TestKey,
): Promise<string> {
  let passed = 0;
  for (const [label, after] of LOOKS) {
    await pass(stage, after - passed);
    passed = after;
    const { outcome } = await stage.contender.verify(stage.authority.token(key));
    if ((outcome === 'accepted') === (wanted === 'accepted')) return label;
  }
  return 'not within 25 h';
}

import type { ContenderName } from '../contenders/names.js';
import type { Batch, Repetition, VerifyingQuestions } from '../hosts/verifying.js';
import { Child, type Surroundings } from './child.js';
import type { Bench } from './row.js';
import type { Start } from './servers.js';
import { perSecond } from './stopwatch.js';
import { CALLERS_BEFORE } from './tokens.js';

/** Contenders that verify tokens without HTTP, a process for each. */
export interface Verifiers<Name extends string> {
  /** Tokens a second, each token seen for the first time; {@link CALLERS_BEFORE} others were seen before. */
  once(name: Name, batch: Batch): Promise<number>;
  /** Tokens a second, the same ones again and again. */
  again(name: Name, repetition: Repetition): Promise<number>;
  close(): Promise<void>;
}

/** Floors verify nothing, or not all. */
const FLOORS: readonly string[] = [
  'crypto.verify',
  'crypto.verify (thread pool)',
  'crypto.hash + Map',
] satisfies readonly ContenderName[];

export async function startVerifiers<Name extends string>(
  bench: Bench,
  names: readonly Name[],
  tokens: number,
  startOf: (name: Name) => Start = () => ({}),
): Promise<Verifiers<Name>> {
  const { authority, settings } = bench;
  const tokensFile = authority.tokensFile(tokens);
  const { certificateFile } = authority;
  const started = names.map((name) => {
    const { args = [name, authority.file], ...surroundings } = startOf(name);
    return startVerifier([...args, tokensFile], { certificateFile, ...surroundings });
  });
  const children = new Map(names.map((name, index) => [name, started[index] as VerifierChild]));
  for (const [name, child] of children) {
    bench.setups.set(name, await child.ask('setup', null as never));
    if (!FLOORS.includes(name)) await assertVerifies(name, child, bench);
    await child.ask('remember', CALLERS_BEFORE);
  }
  const childOf = (name: Name) => children.get(name) as VerifierChild;
  return {
    once: async (name, batch) => perSecond(await childOf(name).ask('once', batch), settings.clock),
    again: async (name, repetition) =>
      perSecond(await childOf(name).ask('again', repetition), settings.clock),
    close: async () => {
      await Promise.all(started.map((child) => child.close()));
    },
  };
}

export type VerifierChild = Child<VerifyingQuestions>;

/** @param args a contender's name, the file of an authority and one of its tokens */
export function startVerifier(args: readonly string[], surroundings?: Surroundings): VerifierChild {
  return Child.start<VerifyingQuestions>('verifying', args, surroundings);
}

/** A contender that lets these pass is set up wrongly, and its speed would mean nothing. */
async function assertVerifies(name: string, child: VerifierChild, { authority }: Bench): Promise<void> {
  const [good = ''] = authority.tokens(1);
  const refusal = await child.ask('refusal', good);
  if (refusal !== null) throw new Error(`${name} refuses a good token: ${refusal}`);
  const { signature, expired, audience, issuer } = authority.wrong;
  for (const [fault, wrong] of Object.entries({ signature, expired, audience, issuer })) {
    if ((await child.ask('refusal', wrong().token)) === null) {
      throw new Error(`${name} accepts a token that is wrong by ${fault}.`);
    }
  }
}

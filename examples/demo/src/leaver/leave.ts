import { setTimeout } from 'node:timers/promises';
import type { RevocationRecord, Revocations, Target } from '@entra-guard/express';
import type { LoopbackEntra } from '@entra-guard/testing';
import type { SignIn } from '../sign-in.js';
import type { LeaverStage } from './stage.js';
import type { Teller } from './tellers.js';
import { acceptedBy, openStream, refusalBy, type ShutOut } from './watch.js';

/** One row: by whom Grace was refused, and how soon. */
export interface Refusal extends ShutOut {
  readonly teller: string;
  readonly where: string;
  /** Milliseconds since the telling began. */
  readonly after: number;
  /** Milliseconds since the revocation was made, by the clock of its maker. */
  readonly afterRecord: number;
}

/** What came of the leaving. */
export interface Leaving {
  readonly stage: LeaverStage;
  readonly tellers: readonly Teller[];
  readonly refusals: readonly Refusal[];
  /** Whether Grace was let in at first, and again after each time. */
  readonly letIn: boolean;
}

const where = ['Express API', 'NestJS API', 'open stream'] as const;

/** Lets Grace work on all APIs and leave, once for each teller. */
export async function leave(
  entra: LoopbackEntra,
  signIn: SignIn,
  stage: LeaverStage,
  tellers: readonly Teller[],
): Promise<Leaving> {
  const token = await signIn.user('grace', ['Orders.Read']);
  const target = { user: entra.objectIdOf('grace'), tenantId: entra.tenantId };
  const refusals: Refusal[] = [];
  const works = async () => (await acceptedBy(stage.express, token)) && acceptedBy(stage.nest, token);
  let letIn = await works();
  for (const teller of tellers) {
    const { ended } = await openStream(stage.stream, token);
    const refused = [refusalBy(stage.express, token), refusalBy(stage.nest, token), ended];
    const began = Date.now();
    const [, ...seen] = await Promise.all([teller.tell(), ...refused]);
    const made = (await recordIn(stage.revocations, target)).at;
    seen.forEach((shutOut, index) => {
      const after = shutOut.at - began;
      const afterRecord = shutOut.at - made;
      refusals.push({ ...shutOut, teller: teller.name, where: where[index] ?? '', after, afterRecord });
    });
    await teller.takeBack();
    letIn &&= await works();
  }
  return { stage, tellers, refusals, letIn };
}

/** Waits until this process knows of it, too. */
async function recordIn(revocations: Revocations, target: Target): Promise<RevocationRecord> {
  for (let left = 1000; left > 0; left--) {
    const [record] = revocations.list(target);
    if (record !== undefined) return record;
    await setTimeout(5);
  }
  throw new Error('No revocation has come from Redis.');
}

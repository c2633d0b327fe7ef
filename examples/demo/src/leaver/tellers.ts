import type { LoopbackEntra } from '@entra-guard/testing';
import type { LeaverStage } from './stage.js';

/** Who tells the APIs that Grace is gone. */
export interface Teller {
  /** For the table. */
  readonly name: string;
  /** What happens, for people. */
  readonly what: string;
  /** Tells that she is gone. What it waits for does not count: the APIs refuse as soon as they know. */
  tell(): Promise<unknown>;
  /** Lets her in again. */
  takeBack(): Promise<unknown>;
}

/** Those who tell, one after the other. */
export function tellersOf(entra: LoopbackEntra, { revocations }: LeaverStage): readonly Teller[] {
  const grace = { user: entra.objectIdOf('grace'), tenantId: entra.tenantId };
  return [
    {
      name: 'the API',
      what: 'Her account is disabled in the local Entra, and revocations.revoke(…) is called.',
      tell: () => {
        entra.disable('grace');
        return revocations.revoke(grace, { because: 'left the company' });
      },
      takeBack: async () => {
        entra.enable('grace');
        for (const { id } of revocations.list(grace)) await revocations.lift(id, { because: 'is back' });
      },
    },
  ];
}

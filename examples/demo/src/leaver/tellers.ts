import type { LoopbackEntra } from '@entra-guard/testing';
import type { SignIn } from '../sign-in.js';
import { entraGuard } from './command.js';
import { startFeed } from './feed.js';
import type { LeaverStage } from './stage.js';

/** What tells the APIs that Grace is gone. */
export interface Teller {
  /** For the table. */
  readonly name: string;
  /** What happens, for people. */
  readonly what: string;
  /** Tells it. What it waits for does not count: the APIs refuse as soon as they know. */
  tell(): Promise<unknown>;
  /** Lets her in again. */
  takeBack(): Promise<unknown>;
}

/** What tells, and how it ends. */
export interface Tellers {
  readonly tellers: readonly Teller[];
  close(): Promise<void>;
}

/** Starts what tells, one after the other. */
export async function startTellers(
  entra: LoopbackEntra,
  signIn: SignIn,
  stage: LeaverStage,
): Promise<Tellers> {
  const feed = await startFeed(entra, signIn, stage.revocations);
  const byFeed: Teller = {
    name: 'the feed',
    what: 'Her account is disabled in the local Entra. Microsoft Graph notifies graphLeavers(…), which bans her.',
    tell: async () => entra.disable('grace'),
    // The feed lifts what it has set.
    takeBack: async () => entra.enable('grace'),
  };
  return { tellers: [byFeed, byCommand(entra, signIn, stage)], close: feed.close };
}

/** Over the Redis that the processes share; in one process over HTTP, as an application with the permission. */
function byCommand(
  entra: LoopbackEntra,
  signIn: SignIn,
  { revocations, redis, stream }: LeaverStage,
): Teller {
  const grace = { user: entra.objectIdOf('grace'), tenantId: entra.tenantId };
  const revoke = ['revoke', 'user', grace.user, '--tenant', grace.tenantId, '--because', 'left, HR-1234'];
  const where = redis === undefined ? ['--api', stream] : ['--prefix', redis.prefix];
  const shown = redis === undefined ? `--api ${stream}` : `--redis ${redis.shown}`;
  return {
    name: 'a terminal',
    what: `entra-guard revoke user ${grace.user} --tenant ${grace.tenantId} --because "left, HR-1234" ${shown}`,
    tell: async () =>
      entraGuard(
        [...revoke, ...where],
        redis === undefined
          ? { ENTRA_GUARD_TOKEN: await signIn.daemon('leaver-job') }
          : { ENTRA_GUARD_REDIS_URL: redis.url },
      ),
    takeBack: async () => {
      for (const { id } of revocations.list(grace)) await revocations.lift(id, { because: 'is back' });
    },
  };
}

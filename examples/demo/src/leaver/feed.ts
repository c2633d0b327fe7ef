import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Revocations } from '@entra-guard/express';
import { type GraphLeavers, graphLeavers, type LeaverHealth } from '@entra-guard/graph';
import type { LoopbackEntra } from '@entra-guard/testing';
import { listening } from '../apis.js';
import type { SignIn } from '../sign-in.js';

/** The scope of a daemon for Microsoft Graph. */
const GRAPH = 'https://graph.microsoft.com/.default';
/** How long the feed may take to read all users and to subscribe, in milliseconds. */
const PATIENCE = 20_000;

/** Starts the feed that bans users who are disabled, and waits until Graph notifies it. */
export async function startFeed(
  entra: LoopbackEntra,
  signIn: SignIn,
  revocations: Revocations,
): Promise<{ close(): Promise<void> }> {
  let leavers: GraphLeavers | undefined;
  const server = await listening((request, response) => void leavers?.node(request, response));
  const close = async () => {
    await leavers?.stop();
    await server.close();
  };
  try {
    leavers = graphLeavers({
      revocations,
      tenantId: entra.tenantId,
      graph: entra.graph,
      getToken: () => signIn.daemon('leaver-feed', GRAPH),
      notificationUrl: `${server.origin}/entra/notify`,
      clientState: randomUUID(),
      pollEvery: '10s',
      log: false,
    });
    await leavers.start();
    const isReady = ({ status, subscriptionEndsAt }: LeaverHealth) =>
      status === 'up' && subscriptionEndsAt !== undefined;
    for (const deadline = Date.now() + PATIENCE; !isReady(leavers.health()); await setTimeout(20)) {
      if (Date.now() > deadline) throw new Error(`The feed did not begin: ${leavers.health().message}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

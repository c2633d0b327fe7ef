// One API in a process of its own: `stage.ts` starts it, says what to serve, and ends it by disconnecting.
import { startExpress, startNest } from '../apis.js';
import { openRevocations } from './redis.js';
import type { Order } from './stage.js';
import { startStream } from './stream.js';

const starts = { express: startExpress, nest: startNest, stream: startStream } as const;

process.once('message', async ({ api, options, redis }: Order) => {
  const shared = await openRevocations(redis);
  const running = await starts[api]({ ...options, log: false, revocations: shared.revocations });
  process.once('disconnect', async () => {
    await running.close();
    await shared.close();
    process.exit();
  });
  process.send?.({ origin: running.origin });
});

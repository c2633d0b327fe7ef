// @ts-check
// The process that runs passport-azure-ad. It may crash or hang without affecting the tests. Messages tell it what to do.
import { writeSync } from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { LoopbackAgent } from './loopback-agent.mjs';
import { openStand } from './stand.mjs';

/**
 * @typedef {{ readonly type: 'open', readonly setup: import('./stand.mjs').Setup, readonly now: number, readonly survive: boolean }
 *   | { readonly type: 'ask', readonly ask: import('./stand.mjs').Ask }
 *   | { readonly type: 'clock', readonly now: number }
 *   | { readonly type: 'close' }} Command
 */

/** Begins the line with the error that ended the process. */
const LAST_WORDS = 'died of ';

const load = createRequire(import.meta.url);
const [port, certificate = ''] = process.argv.slice(2);
const RealDate = Date;
let now = RealDate.now();

globalThis.Date = /** @type {DateConstructor} */ (
  class extends RealDate {
    /** @param {[]} given */
    constructor(...given) {
      if (given.length === 0) super(now);
      else super(...given);
    }
    /** @override */
    static now() {
      return now;
    }
  }
);
https.globalAgent = new LoopbackAgent(Number(port), certificate);

process.on('uncaughtExceptionMonitor', (error) => {
  // The text of a SyntaxError depends on the version of V8.
  const { name, message } = error instanceof Error ? error : { name: 'thrown', message: String(error) };
  writeSync(2, `\n${LAST_WORDS}${name === 'SyntaxError' ? name : `${name}: ${message}`}\n`);
});

/** Loads a new copy of the module for each row, because it caches metadata for half an hour. */
function freshStrategy() {
  for (const path of ['passport-azure-ad', 'passport-azure-ad/lib/bearerstrategy']) {
    delete load.cache[load.resolve(path)];
  }
  return load('passport-azure-ad').BearerStrategy;
}

/** @type {import('./stand.mjs').Stand | undefined} */
let stand;

process.on('message', async (/** @type {Command} */ command) => {
  switch (command.type) {
    case 'open': {
      now = command.now;
      // Many services do this, against the advice of Node's documentation.
      if (command.survive) process.on('uncaughtException', () => {});
      const opened = await openStand(freshStrategy(), command.setup);
      stand = 'ask' in opened ? opened : undefined;
      process.send?.(stand === undefined ? opened : { kind: 'opened' });
      break;
    }
    case 'ask':
      process.send?.(await stand?.ask(command.ask));
      break;
    case 'clock':
      now = command.now;
      process.send?.({ kind: 'done' });
      break;
    case 'close':
      await stand?.close();
      stand = undefined;
      process.send?.({ kind: 'done' });
  }
});

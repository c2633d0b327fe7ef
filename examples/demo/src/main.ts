import type { LogEntry } from '@entra-guard/express';
import { showWork } from './agents/show.js';
import { work } from './agents/work.js';
import { type Arguments, readArguments, UsageError, usage } from './arguments.js';
import { ask } from './ask.js';
import { askFront } from './front/ask-front.js';
import { showFront } from './front/show.js';
import { leave } from './leaver/leave.js';
import { findRedis, RedisUnreachableError } from './leaver/redis.js';
import { setLeaverStage } from './leaver/stage.js';
import { startTellers } from './leaver/tellers.js';
import { callOnBehalf } from './on-behalf/call-on-behalf.js';
import { showOnBehalf } from './on-behalf/show.js';
import { play } from './play.js';
import { scenesFor } from './scenes.js';
import { serve } from './serve.js';
import {
  showAnswers,
  showExplanation,
  showIntroduction,
  showLeaving,
  showStricterDay,
  showSummary,
} from './show.js';
import { SignIn } from './sign-in.js';
import { PortTakenError, setStage } from './stage.js';
import { becomeStricter } from './stricter.js';

try {
  const given = readArguments(process.argv.slice(2));
  if (given.help) console.log(usage);
  else if (given.serve) await keepServing(given);
  else await demonstrate(given);
} catch (error) {
  if (error instanceof PortTakenError) {
    console.error(`${error.message} Choose others with --port, such as --port 9400.`);
  } else if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
  } else if (error instanceof RedisUnreachableError) {
    console.error(error.message);
  } else {
    throw error;
  }
  process.exitCode = 1;
}

/** Plays every scene, a day in which a rule becomes stricter, and a leaver. Fails if an answer is not the expected one. */
async function demonstrate({ ports }: Arguments): Promise<void> {
  const log: LogEntry[] = [];
  const stage = await setStage(ports, { express: (entry) => log.push(entry), nest: () => {} });
  const signIn = new SignIn(stage.entra);
  // Begins now, since a new Redis takes some seconds.
  const preparing = findRedis().then((redis) => setLeaverStage(stage.entra, redis));
  preparing.catch(() => {});
  try {
    showIntroduction(stage.entra.origin);
    const scenes = await scenesFor(stage.entra, signIn, async (request) => ask(stage.express, request));
    const played = await play(stage, scenes);
    showAnswers(played);
    console.log('What the log tells the engineer on call, and callers do not see:\n');
    for (const code of ['audience_not_accepted', 'scope_missing', 'sign_in_too_old']) {
      const entry = log.findLast((one) => one.code === code);
      if (entry !== undefined) showExplanation(entry);
    }
    const passed = await callOnBehalf();
    showOnBehalf(passed);
    const worked = await work();
    showWork(worked);
    const front = await askFront();
    showFront(front);
    const day = await becomeStricter();
    showStricterDay(day);
    const leaverStage = await preparing;
    const { tellers, close } = await startTellers(stage.entra, signIn, leaverStage);
    const leaving = await leave(stage.entra, signIn, leaverStage, tellers).finally(close);
    showLeaving(leaving);
    showSummary(played, passed, worked, front, day, leaving);
    const all = [
      ...played,
      ...passed,
      ...worked.asked,
      ...front.fronted,
      ...day.moments,
      ...leaving.refusals,
    ];
    if (!leaving.letIn || all.some(({ asExpected }) => !asExpected)) process.exitCode = 1;
  } finally {
    await preparing.then(
      (leaverStage) => leaverStage.close(),
      () => {},
    );
    await stage.close();
  }
}

/** Keeps everything running until Ctrl-C. */
async function keepServing({ ports }: Arguments): Promise<void> {
  const stage = await setStage(ports, { express: showExplanation, nest: showExplanation });
  try {
    await serve(stage, new SignIn(stage.entra));
  } finally {
    await stage.close();
  }
}

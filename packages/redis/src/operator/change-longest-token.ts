import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError, type Duration, printDuration, secondsOf } from '@entra-guard/core';
import { tombstoneText } from '@entra-guard/core/revocation';
import { readReply } from '../client/replies.js';
import { FIELDS } from '../log/publisher.js';
import type { Written } from '../log/replicated-set.js';
import { longestText } from '../revocations/contents.js';
import { type Answer, questionText, readAnswer } from '../revocations/roll-call.js';
import { WRITER } from '../revocations/writer.js';
import type { Server } from './server.js';
import { StoredRecords } from './stored-records.js';

/** How long processes have to answer, in milliseconds: longer than one takes that has to replace its connection first. */
const PATIENCE = 5000;
const LOOK_EVERY = 250;
const MOST_NAMED = 20;

/** What has become of `longestToken`. Both in seconds. */
export interface ChangedLongestToken {
  readonly before: number;
  readonly now: number;
}

/**
 * Sets `longestToken`. Asks all processes first, since one that goes on with more would accept tokens after the records that refuse them
 * have ended.
 *
 * @param before what it was, in seconds
 * @throws ConfigurationError that names the processes which were started with more
 */
export async function changeLongestToken(
  server: Server,
  before: number,
  given: Duration,
): Promise<ChangedLongestToken> {
  const value = secondsOf('longestToken', given, { least: '1m', most: '30d' });
  if (value < before) assertNone(value, before, await withMore(server, value));
  // Read anew: a process may have started while others were asked.
  const records = await StoredRecords.read(server);
  const larger = [...records.announced].filter(([, seconds]) => seconds > value).map(([id]) => id);
  const isThere = [...records.announced.values()].includes(value);
  const entries = [...(isThere ? [] : [longestText(value, WRITER)]), ...lifts(larger, value, server.now())];
  if (entries.length > 0) await records.write(entries);
  const prolonged = records.prolonged();
  if (prolonged.length > 0) await records.write(prolonged);
  const { longestToken: now } = await StoredRecords.read(server);
  if (now === value) return { before, now };
  throw new ConfigurationError(
    `longestToken is ${printDuration(now)} again: a process that was not reachable before needs it.`,
    `Start every process with longestToken: '${printDuration(value)}' or less, and run the command again.`,
  );
}

function lifts(ids: readonly string[], value: number, at: number): readonly Written[] {
  const until = Number.POSITIVE_INFINITY;
  const because = `longestToken is ${printDuration(value)} from now on`;
  return ids.map((id) => ({ text: tombstoneText({ id, because, at, until }, WRITER), until }));
}

/** What processes have answered; `undefined` for an answer that this release can't read. */
type Answers = readonly (Answer | undefined)[];

async function withMore(server: Server, value: number): Promise<Answers> {
  const { log } = server.keys;
  const id = randomUUID();
  const question = questionText({ id, longestToken: value }, WRITER);
  let last = String(await server.send(['XADD', log, '*', FIELDS.question, question]));
  const answers: (Answer | undefined)[] = [];
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    await pause(LOOK_EVERY);
    const read = readReply(await server.send(['XREAD', 'COUNT', '1000', 'STREAMS', log, last]));
    for (const entry of read) {
      last = entry.id;
      const text = entry.fields.get(FIELDS.answer);
      if (text === undefined) continue;
      const answer = readAnswer(text);
      if (answer === undefined || answer.to === id) answers.push(answer);
    }
  }
  return answers;
}

function assertNone(value: number, before: number, answers: Answers): void {
  if (answers.length === 0) return;
  const named = answers.map((answer) => {
    if (answer === undefined) return "one of another release, whose answer can't be read here";
    const { host, pid, writer, longestToken } = answer;
    return `${host} (process ${pid}, ${writer}): ${printDuration(longestToken)}`;
  });
  const were = answers.length === 1 ? 'a process was' : `${answers.length} processes were`;
  const shown = `${named.slice(0, MOST_NAMED).join('; ')}${named.length > MOST_NAMED ? '; and others' : ''}`;
  throw new ConfigurationError(
    `longestToken stays ${printDuration(before)}, because ${were} started with more than ${printDuration(value)}. ${shown}.`,
    `Start them with longestToken: '${printDuration(value)}' or less, and run the command again.`,
  );
}

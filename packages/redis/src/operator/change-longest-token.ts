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
import type { StoredRecords } from './stored-records.js';

/** How long processes have to answer, in milliseconds: longer than one takes that has to replace its connection first. */
const PATIENCE = 5000;
const LOOK_EVERY = 250;

/** What has become of `longestToken`. Both in seconds. */
export interface ChangedLongestToken {
  readonly before: number;
  readonly now: number;
}

/**
 * Sets `longestToken`. Asks all processes first, since one that goes on with more would accept tokens after the records that refuse them
 * have ended.
 *
 * @throws ConfigurationError that names the processes which were started with more
 */
export async function changeLongestToken(
  server: Server,
  records: StoredRecords,
  given: Duration,
): Promise<ChangedLongestToken> {
  const value = secondsOf('longestToken', given, { least: '1m', most: '30d' });
  const before = records.longestToken;
  const larger = [...records.announced].filter(([, seconds]) => seconds > value).map(([id]) => id);
  // Where none was announced, processes that may only read may go by the default.
  if (value < before) assertNone(value, before, await withMore(server, value));
  const at = server.now();
  const until = Number.POSITIVE_INFINITY;
  const because = `longestToken is ${printDuration(value)} from now on`;
  const lifts = larger.map(
    (id): Written => ({ text: tombstoneText({ id, because, at, until }, WRITER), until }),
  );
  const isThere = [...records.announced.values()].includes(value);
  // First the new value: with the old one gone and no other, it would be the default for a moment.
  const entries = [...(isThere ? [] : [longestText(value, WRITER)]), ...lifts];
  if (entries.length > 0) await records.write(entries);
  const prolonged = records.prolonged();
  if (prolonged.length > 0) await records.write(prolonged);
  return { before, now: records.longestToken };
}

async function withMore(server: Server, value: number): Promise<readonly Answer[]> {
  const { log } = server.keys;
  const id = randomUUID();
  const question = questionText({ id, longestToken: value }, WRITER);
  let last = String(await server.send(['XADD', log, '*', FIELDS.question, question]));
  const answers: Answer[] = [];
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    await pause(LOOK_EVERY);
    for (const entry of readReply(await server.send(['XREAD', 'COUNT', '1000', 'STREAMS', log, last]))) {
      last = entry.id;
      const answer = readAnswer(entry.fields.get(FIELDS.answer) ?? '');
      if (answer?.to === id) answers.push(answer);
    }
  }
  return answers;
}

function assertNone(value: number, before: number, answers: readonly Answer[]): void {
  if (answers.length === 0) return;
  const named = answers.map(
    ({ host, pid, writer, longestToken }) =>
      `${host} (process ${pid}, ${writer}): ${printDuration(longestToken)}`,
  );
  throw new ConfigurationError(
    `longestToken stays ${printDuration(before)}, because ${answers.length === 1 ? 'a process was' : `${answers.length} processes were`} started with more than ${printDuration(value)}. ${named.slice(0, 20).join('; ')}${named.length > 20 ? '; and others' : ''}.`,
    `Start them with longestToken: '${printDuration(value)}' or less, and run the command again.`,
  );
}

import { hostname } from 'node:os';
import type { Client } from '../client/connection.js';
import type { Keys } from '../log/keys.js';
import { FIELDS } from '../log/publisher.js';
import { WRITER } from './writer.js';

/** An operator asks which processes were started with more than a value. */
export interface Question {
  /** Tells its answers from those to others. */
  readonly id: string;
  /** Seconds. */
  readonly longestToken: number;
}

/** A process that was started with more. */
export interface Answer {
  /** The ID of the question. */
  readonly to: string;
  /** The release that it runs. */
  readonly writer: string;
  readonly host: string;
  readonly pid: number;
  /** What it was started with, in seconds. */
  readonly longestToken: number;
}

const VERSION = 1;
const ID = /^[0-9a-f][0-9a-f-]{35}$/;

/** Writes a question, for a field of the stream that releases which do not know it pass over. */
export function questionText({ id, longestToken }: Question, writer: string): string {
  return JSON.stringify({ v: VERSION, w: writer, id, s: longestToken });
}

/** Reads a question; `undefined` for one of another form. */
export function readQuestion(text: string): Question | undefined {
  const { v, id, s } = membersOf(text);
  return v === VERSION && typeof id === 'string' && ID.test(id) && isSeconds(s)
    ? { id, longestToken: s }
    : undefined;
}

/** Writes the answer of this process. */
function answerText(to: string, longestToken: number, writer: string): string {
  return JSON.stringify({
    v: VERSION,
    w: writer,
    to,
    h: hostname().slice(0, 100),
    p: process.pid,
    s: longestToken,
  });
}

/** Answers a question if this process was started with more. A user who may not write can't, and the question is then not repeated. */
export function answerIfLonger(
  { send }: Client,
  { log }: Keys,
  question: string,
  longestToken: number,
): void {
  const read = readQuestion(question);
  if (read === undefined || longestToken <= read.longestToken) return;
  const answer = answerText(read.id, longestToken, WRITER);
  void send(['XADD', log, '*', FIELDS.answer, answer]).catch(() => {});
}

/** Reads an answer; `undefined` for one of another form. */
export function readAnswer(text: string): Answer | undefined {
  const { v, w: writer, to, h: host, p: pid, s } = membersOf(text);
  const isWhole =
    v === VERSION &&
    typeof writer === 'string' &&
    typeof to === 'string' &&
    typeof host === 'string' &&
    typeof pid === 'number';
  return isWhole && isSeconds(s) ? { to, writer, host, pid, longestToken: s } : undefined;
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

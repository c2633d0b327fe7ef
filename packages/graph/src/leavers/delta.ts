import { type GraphAnswer, type GraphApi, refusal } from '../graph/graph-api.js';
import { GraphFailure } from '../graph/graph-failure.js';
import { isGuid } from '../graph/guid.js';
import { PROPERTIES, timeIn, unclear } from '../graph/user.js';
import { LeadLost } from './lead-lost.js';
import type { Told } from './look.js';
import { noteOf, numberIn, readNote, textIn } from './notes.js';
import type { OwnRecords } from './own-records.js';
import type { LeaverJob, LeaverJobs } from './queue.js';
import type { SignIns } from './sign-ins.js';

/** Where all users are, and then what has changed. */
const START = `/users/delta?$select=${PROPERTIES}`;
const PATH = /^\/users\/(microsoft\.graph\.)?delta(\(\))?\?[^\s#]{1,16000}$/;
const NAME = 'delta';

/** How far the delta query has come. */
export interface DeltaState {
  /** Where it goes on. */
  readonly next: string;
  /** Whether all users have been read before, so that what comes is a change. */
  readonly whole: boolean;
  /** When it last reached the end, in milliseconds since the epoch. */
  readonly at: number | undefined;
  /** When it last read a page, in milliseconds since the epoch. */
  readonly pageAt: number | undefined;
}

const BEGINNING: DeltaState = { next: START, whole: false, at: undefined, pageAt: undefined };

/** What the delta query needs. */
export interface DeltaContext {
  readonly api: GraphApi;
  readonly jobs: LeaverJobs;
  readonly records: OwnRecords;
  readonly signIns: SignIns;
  readonly now: () => number;
  /** Something remembered can't be read. */
  readonly unreadable: (writer: string | undefined) => void;
  /** All users have to be read anew. */
  readonly restarted: (why: string) => void;
}

/**
 * Asks Microsoft Graph which users have changed, page by page. Has each looked at for whom something may have to be done, and goes on
 * only when those are in the queue.
 *
 * Source: https://learn.microsoft.com/graph/api/user-delta
 */
export class Delta {
  readonly #context: DeltaContext;

  constructor(context: DeltaContext) {
    this.#context = context;
  }

  /** What was remembered; `undefined` before the first page. */
  async state(): Promise<DeltaState | undefined> {
    const note = readNote(await this.#context.jobs.recall(NAME));
    if (note.state === 'unreadable') this.#context.unreadable(note.writer);
    const next = textIn(note, 'next');
    // A remembered path that leads elsewhere is not followed with a token: all users are read anew.
    if (next === undefined || !PATH.test(next)) return undefined;
    return {
      next,
      whole: note.state === 'read' && note.facts.whole === true,
      at: numberIn(note, 'at'),
      pageAt: numberIn(note, 'pageAt'),
    };
  }

  /**
   * Reads one page.
   *
   * @param claim that of the process that leads
   * @returns whether there is another page
   * @throws GraphFailure, LeadLost, and what the queue throws; the same page is read again then
   */
  async page(claim: string): Promise<boolean> {
    const { api, jobs, now } = this.#context;
    const state = (await this.state()) ?? BEGINNING;
    const answer = await api.ask(state.next);
    if (answer.status !== 200) return this.#refused(answer, state, claim);
    const found = await this.#jobsIn(answer);
    const { path, ends } = this.#linkIn(answer);
    if (!ends && path === state.next)
      throw new GraphFailure('The next page of the delta query is the same page.');
    if (found.length > 0) await jobs.put(found, { urgent: state.whole });
    const pageAt = now();
    const following = ends
      ? { next: path, whole: true, at: pageAt, pageAt }
      : { ...state, next: path, pageAt };
    await this.#remember(following, claim);
    return !ends;
  }

  /** The link has expired (410, `syncStateNotFound`), or is of another place: only a full pass finds what has changed meanwhile. */
  async #refused(answer: GraphAnswer, { next, at, pageAt }: DeltaState, claim: string): Promise<true> {
    const { status, code = '' } = answer;
    const failure = refusal(answer, 'GET /users/delta', 'User.Read.All');
    const expired = status === 410 || /syncState|resync/i.test(code);
    if (next === START || !(expired || status === 400 || status === 404)) throw failure;
    this.#context.restarted(failure.message);
    await this.#remember({ ...BEGINNING, at, pageAt }, claim);
    if (!expired) throw failure;
    return true;
  }

  async #remember(state: DeltaState, claim: string): Promise<void> {
    if (!(await this.#context.jobs.remember(NAME, noteOf({ ...state }), { claim }))) throw new LeadLost();
  }

  #linkIn({ body }: GraphAnswer): { readonly path: string; readonly ends: boolean } {
    const next = body['@odata.nextLink'];
    const end = body['@odata.deltaLink'];
    if ((next === undefined) === (end === undefined)) throw unclear('@odata.nextLink or @odata.deltaLink');
    const path = this.#context.api.pathOf(next ?? end);
    if (!PATH.test(path))
      throw new GraphFailure('A link in the answer of Microsoft Graph does not lead to /users/delta.');
    return { path, ends: next === undefined };
  }

  async #jobsIn({ body }: GraphAnswer): Promise<readonly LeaverJob[]> {
    if (!Array.isArray(body.value)) throw unclear('value');
    const found: LeaverJob[] = [];
    for (const item of body.value as readonly unknown[]) {
      const job = await this.#jobFor(Object(item) as Readonly<Record<string, unknown>>);
      if (job !== undefined) found.push(job);
    }
    return found;
  }

  async #jobFor(item: Readonly<Record<string, unknown>>): Promise<LeaverJob | undefined> {
    const { id, accountEnabled } = item;
    if (!isGuid(id)) throw unclear('id of a user');
    const key = id.toLowerCase();
    if (item['@removed'] !== undefined) return { key, text: toldNote('removed') };
    if (accountEnabled === false) return { key, text: toldNote('disabled') };
    const validFrom = timeIn(item, 'signInSessionsValidFromDateTime');
    const isSilent = accountEnabled !== true || !('signInSessionsValidFromDateTime' in item);
    const isNews = validFrom !== undefined && (await this.#context.signIns.isNews(key, validFrom));
    if (isSilent || isNews || this.#context.records.bansOf(key).length > 0) return { key, text: '' };
    return undefined;
  }
}

function toldNote(told: Told): string {
  return noteOf({ told });
}

import { createHmac } from 'node:crypto';
import { type GraphAnswer, type GraphApi, refusal } from '../graph/graph-api.js';
import { GraphFailure } from '../graph/graph-failure.js';
import { timeIn, unclear } from '../graph/user.js';
import { LeadLost } from './lead-lost.js';
import { noteOf, numberIn, readNote, textIn } from './notes.js';
import type { LeaverJobs } from './queue.js';

/** For how long a subscription is made, in milliseconds. Graph allows 41,760 minutes for users; the end is for the case that all stop. */
const LIFE = 2 * 86_400_000;
/** How often it is renewed, in milliseconds. Graph stops when the token has ended by which it was made or renewed. */
const RENEWED = 30 * 60_000;
const NAME = 'subscription';
const CHANGES = 'updated,deleted';
const PERMISSION = 'User.Read.All';

/** Where notifications go. */
export interface Addresses {
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | undefined;
  readonly clientState: string;
}

interface Known {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  readonly renewedAt: number;
  /** Tells whether it is for the same addresses and secret. */
  readonly mark: string;
}

/** What a subscription needs. */
export interface SubscriptionContext {
  readonly api: GraphApi;
  readonly jobs: LeaverJobs;
  readonly addresses: Addresses;
  readonly now: () => number;
  readonly unreadable: (writer: string | undefined) => void;
  /** Changes may have been missed. */
  readonly gap: () => void;
}

/**
 * The subscription to changes of users, which all processes share and the leading one keeps alive.
 *
 * Source: https://learn.microsoft.com/graph/change-notifications-overview
 */
export class Subscription {
  readonly #context: SubscriptionContext;
  readonly #mark: string;

  constructor(context: SubscriptionContext) {
    this.#context = context;
    const { notificationUrl, lifecycleNotificationUrl = '', clientState } = context.addresses;
    const urls = `${notificationUrl}\n${lifecycleNotificationUrl}`;
    this.#mark = createHmac('sha256', clientState).update(urls).digest('base64url');
  }

  /** What was remembered; `undefined` if there is none. */
  async known(): Promise<Known | undefined> {
    const note = readNote(await this.#context.jobs.recall(NAME));
    if (note.state === 'unreadable') this.#context.unreadable(note.writer);
    const [id, mark] = [textIn(note, 'id'), textIn(note, 'mark')];
    const [endsAt, renewedAt] = [numberIn(note, 'endsAt'), numberIn(note, 'renewedAt')];
    if (id === undefined || mark === undefined || endsAt === undefined || renewedAt === undefined)
      return undefined;
    return isId(id) ? { id, mark, endsAt, renewedAt } : undefined;
  }

  /**
   * Makes the subscription if there is none, and renews it in time.
   *
   * @param claim that of the process that leads
   * @throws GraphFailure, LeadLost, and what the queue throws
   */
  async care(claim: string): Promise<void> {
    const { now } = this.#context;
    const known = await this.known();
    if (known === undefined || known.endsAt <= now()) return this.#make(claim);
    if (known.mark !== this.#mark) return this.again(claim);
    if (now() - known.renewedAt >= RENEWED || now() < known.renewedAt) await this.#renew(known, claim);
  }

  /** Renews it now, because Graph asks for that. @param id that of the subscription that Graph means */
  async renew(id: string | undefined, claim: string): Promise<void> {
    const known = await this.known();
    if (known === undefined) return this.#make(claim);
    // One that was replaced needs no renewal.
    if (id === known.id) await this.#renew(known, claim);
  }

  /** Replaces it by another. */
  async again(claim: string): Promise<void> {
    const known = await this.known();
    if (known !== undefined) await this.#end(known.id);
    await this.#make(claim);
  }

  async #renew(known: Known, claim: string): Promise<void> {
    const { api } = this.#context;
    const body = { expirationDateTime: this.#expiration() };
    const answer = await api.ask(`/subscriptions/${known.id}`, { method: 'PATCH', body });
    // It has ended, and Graph does not tell that for users.
    if (answer.status === 404) return this.#make(claim);
    if (answer.status !== 200) throw refusal(answer, 'PATCH /subscriptions/{id}', PERMISSION);
    await this.#remember(answer, claim);
  }

  async #make(claim: string): Promise<void> {
    let answer = await this.#post();
    if (answer.status === 409) {
      await this.#endLeftOver();
      answer = await this.#post();
    }
    if (answer.status !== 201) throw notMade(answer);
    await this.#remember(answer, claim);
    this.#context.gap();
  }

  #post(): Promise<GraphAnswer> {
    const { api, addresses } = this.#context;
    const { notificationUrl, lifecycleNotificationUrl, clientState } = addresses;
    const body = {
      changeType: CHANGES,
      resource: 'users',
      notificationUrl,
      ...(lifecycleNotificationUrl === undefined ? {} : { lifecycleNotificationUrl }),
      expirationDateTime: this.#expiration(),
      clientState,
      latestSupportedTlsVersion: 'v1_2',
    };
    return api.ask('/subscriptions', { method: 'POST', body });
  }

  /** An application has one subscription to the same changes of users. One to our address is of a process that forgot it. */
  async #endLeftOver(): Promise<void> {
    const answer = await this.#context.api.ask('/subscriptions');
    if (answer.status !== 200) throw refusal(answer, 'GET /subscriptions', PERMISSION);
    if (!Array.isArray(answer.body.value)) throw unclear('value');
    const all = (answer.body.value as readonly unknown[]).map(
      (one) => Object(one) as Readonly<Record<string, unknown>>,
    );
    const ofUsers = all.filter(
      ({ resource }) => typeof resource === 'string' && /^\/?users\/?$/i.test(resource),
    );
    const { notificationUrl } = this.#context.addresses;
    const own = ofUsers.find((one) => one.notificationUrl === notificationUrl && isId(one.id));
    if (own !== undefined) return this.#end(String(own.id));
    throw new GraphFailure(
      'This application has a subscription to users with another notificationUrl, and Microsoft Graph allows one. Give each deployment an app registration of its own, or delete the other subscription.',
      { status: 409 },
    );
  }

  async #end(id: string): Promise<void> {
    const answer = await this.#context.api.ask(`/subscriptions/${id}`, { method: 'DELETE' });
    if (answer.status >= 300 && answer.status !== 404)
      throw refusal(answer, 'DELETE /subscriptions/{id}', PERMISSION);
  }

  async #remember({ body }: GraphAnswer, claim: string): Promise<void> {
    const { jobs, now } = this.#context;
    const endsAt = timeIn(body, 'expirationDateTime');
    if (!isId(body.id)) throw unclear('id of a subscription');
    if (endsAt === undefined) throw unclear('expirationDateTime');
    const note = noteOf({ id: body.id, endsAt, renewedAt: now(), mark: this.#mark });
    if (!(await jobs.remember(NAME, note, { claim }))) throw new LeadLost();
  }

  #expiration(): string {
    return new Date(this.#context.now() + LIFE).toISOString();
  }
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w-]{1,100}$/.test(id);
}

function notMade(answer: GraphAnswer): GraphFailure {
  const failure = refusal(answer, 'POST /subscriptions', PERMISSION);
  if (answer.status !== 400) return failure;
  return new GraphFailure(
    `${failure.message} Both addresses have to lead to handle(...) or node(...), and to be reachable for Microsoft Graph.`,
    { status: answer.status },
  );
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphApi } from '../graph/graph-api.js';
import { reasonOf } from '../graph/graph-failure.js';
import { Delta } from './delta.js';
import { healthOf, type LeaverHealth } from './feed-health.js';
import { Leader } from './leader.js';
import { Look } from './look.js';
import { nodeHandler } from './node-handler.js';
import { noteOf } from './notes.js';
import { Notices } from './notices.js';
import { type Notified, receive } from './notifications.js';
import { type GraphLeaverOptions, type LeaverSettings, settingsFrom } from './options.js';
import { OwnRecords } from './own-records.js';
import type { LeaverJobs } from './queue.js';
import { SignIns } from './sign-ins.js';
import { Subscription } from './subscription.js';
import { Worker } from './worker.js';

/** Revokes the access of users whom Microsoft Entra has disabled or deleted, or whose sign-ins it has revoked. */
export interface GraphLeavers {
  /**
   * Begins. The first time, all users are read; then what has changed. Resolves as soon as the revocations are ready, and does not wait
   * for Graph: {@link health} says how it goes. Idempotent.
   */
  start(): Promise<void>;
  /** Ends. What was revoked stays revoked, and jobs stay in the queue, which is not closed. Idempotent. */
  stop(): Promise<void>;
  /**
   * Answers Microsoft Graph at `notificationUrl` and `lifecycleNotificationUrl`. Needs no guard in front: notifications are known by
   * their `clientState`. With a shared queue, also a process may receive them that does not {@link start}. Never rejects.
   */
  handle(request: Request): Promise<Response>;
  /** Like {@link handle}, for `node:http` and Express: `app.post('/entra/notify', leavers.node)`. */
  node(req: IncomingMessage, res: ServerResponse): Promise<void>;
  health(): LeaverHealth;
}

/**
 * Watches the users of a tenant through Microsoft Graph. A user who was disabled or deleted is banned, until she is enabled again; after
 * `revokeSignInSessions`, tokens from before are refused. It lifts only what it has set itself, and only when Graph says clearly that
 * the user is enabled.
 *
 * Needs the application permission `User.Read.All` of Microsoft Graph, with admin consent.
 *
 * ```ts
 * const leavers = graphLeavers({ revocations, tenantId, getToken });
 * await leavers.start();
 * ```
 *
 * @throws ConfigurationError for invalid options
 *
 * Source: https://learn.microsoft.com/graph/change-notifications-overview, https://learn.microsoft.com/graph/api/user-delta
 */
export function graphLeavers(options: GraphLeaverOptions): GraphLeavers {
  const feed = new Feed(settingsFrom(options));
  const handle = (request: Request) => feed.handle(request);
  return {
    start: () => feed.start(),
    stop: () => feed.stop(),
    handle,
    node: nodeHandler(handle),
    health: () => feed.health(),
  };
}

/** All that runs between one start and the next stop. */
interface Run {
  readonly api: GraphApi;
  readonly worker: Worker;
  readonly leader: Leader;
  readonly startedAt: number;
}

class Feed {
  readonly #settings: LeaverSettings;
  readonly #notices: Notices;
  readonly #jobs: LeaverJobs;
  readonly #chores: LeaverJobs;
  #run: Run | undefined;
  #notifiedAt: number | undefined;

  constructor(settings: LeaverSettings) {
    this.#settings = settings;
    this.#notices = new Notices(settings.log, settings.now);
    const name = `leavers:${settings.tenantId}`;
    this.#jobs = settings.queue.open(name);
    this.#chores = settings.queue.open(`${name}:lead`);
  }

  async start(): Promise<void> {
    if (this.#run !== undefined) return;
    const { revocations, queue, addresses } = this.#settings;
    if (revocations.shared && !queue.shared && addresses !== undefined) {
      this.#notices.tell({
        level: 'warn',
        message:
          'Revocations are shared, and the queue is not: each process asks Graph and replaces the subscription of the others.',
        hint: 'Pass queue: redisQueue(client) of @entra-guard/redis, unless this is the only process with a feed.',
      });
    }
    const run = this.#made();
    this.#run = run;
    this.#notices.begin();
    // What is revoked holds here also before that; what was revoked before is needed to lift it.
    await revocations.ready().catch((reason: unknown) => {
      this.#notices.tell({
        level: 'warn',
        message: 'The feed starts without the revocations of others.',
        cause: reasonOf(reason),
      });
    });
    if (this.#run !== run) return;
    run.worker.start();
    run.leader.start();
  }

  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined) return;
    // Requests that are ended on purpose are not failures.
    this.#notices.mute();
    run.api.close();
    await Promise.all([run.worker.stop(), run.leader.stop()]);
  }

  async handle(request: Request): Promise<Response> {
    const { tenantId, clientState, queue } = this.#settings;
    return receive(request, {
      tenantId,
      clientState,
      isKept: () => this.#run !== undefined || queue.shared,
      keep: (notified) => this.#keep(notified),
      refused: (message, hint) => {
        this.#notices.repeated(message, { level: 'warn', message, ...(hint === undefined ? {} : { hint }) });
      },
    });
  }

  health(): LeaverHealth {
    const { tenantId, queue, pollEvery, now } = this.#settings;
    const leader = this.#run?.leader;
    return healthOf({
      tenantId,
      shared: queue.shared,
      running: this.#run !== undefined,
      startedAt: this.#run?.startedAt ?? 0,
      now: now(),
      pollEvery,
      leads: leader?.leads ?? false,
      count: leader?.count ?? { waiting: 0, tried: 0 },
      lastPollAt: leader?.lastPollAt,
      lastPageAt: leader?.lastPageAt,
      lastNotificationAt: this.#notifiedAt,
      subscriptionEndsAt: leader?.subscriptionEndsAt,
      notices: this.#notices,
    });
  }

  #made(): Run {
    const { revocations, tenantId, transport, pollEvery, addresses, now } = this.#settings;
    const [notices, jobs, chores] = [this.#notices, this.#jobs, this.#chores];
    const api = new GraphApi(transport, now);
    const records = new OwnRecords(revocations, tenantId, now);
    const signIns = new SignIns(jobs, records);
    const worker = new Worker({ jobs, look: new Look(api, records, signIns, now), notices, now });
    const restarted = (why: string) => {
      notices.repeated('restarted', { level: 'info', message: 'All users are read anew.', cause: why });
    };
    const delta = new Delta({ api, jobs, records, signIns, now, unreadable: notices.unread, restarted });
    const gap = () => leader.pollNow();
    const subscription =
      addresses === undefined
        ? undefined
        : new Subscription({ api, jobs, addresses, now, unreadable: notices.unread, gap });
    const put = () => worker.wake();
    const leader = new Leader({ jobs, chores, delta, subscription, notices, now, pollEvery, put });
    return { api, worker, leader, startedAt: now() };
  }

  async #keep({ users, chores }: Notified): Promise<void> {
    if (users.length > 0) await this.#jobs.put(users, { urgent: true });
    const asked = chores.map(({ chore, subscription }) => ({
      key: chore,
      text: subscription === undefined ? '' : noteOf({ subscription }),
    }));
    if (asked.length > 0) await this.#chores.put(asked);
    this.#notifiedAt = this.#settings.now();
    this.#run?.worker.wake();
    this.#run?.leader.wake();
  }
}

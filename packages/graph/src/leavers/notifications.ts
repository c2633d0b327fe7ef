import { createHash, timingSafeEqual } from 'node:crypto';
import { readBounded } from '../graph/body.js';
import { isGuid } from '../graph/guid.js';
import type { LeaverJob } from './queue.js';

/** The largest notification, in bytes. One item has about 500. */
const LARGEST = 1024 * 1024;
/** The longest token of a handshake, in characters. */
const LONGEST_TOKEN = 4096;
/** How long the queue may take, in milliseconds. Graph waits for 3 seconds. */
const KEPT = 2500;

/** What was told by notifications that are genuine. */
export interface Notified {
  /** Users to look at. */
  readonly users: readonly LeaverJob[];
  /** What the leading process has to do; keys are {@link Chore}s. */
  readonly chores: readonly { readonly chore: Chore; readonly subscription: string | undefined }[];
}

/** What a lifecycle notification asks for: to renew the subscription, to replace it, to ask for changes. */
export type Chore = 'renew' | 'replace' | 'poll';

/** What receives notifications. */
export interface Receiver {
  readonly tenantId: string;
  /** `undefined` if no notification is expected. */
  readonly clientState: string | undefined;
  /** Whether what is received is worked on, here or in another process. */
  readonly isKept: () => boolean;
  /** Resolves once the queue has it. */
  readonly keep: (notified: Notified) => Promise<void>;
  /** Something was left out. */
  readonly refused: (why: string, hint?: string) => void;
}

const CHORES: Readonly<Record<string, readonly Chore[]>> = {
  reauthorizationRequired: ['renew'],
  subscriptionRemoved: ['replace', 'poll'],
  missed: ['poll'],
};

/**
 * Answers Microsoft Graph: the handshake of a subscription, notifications and lifecycle notifications. A notification is only a reason
 * to look at a user, so a forged one could not revoke or lift anything; it is refused nevertheless.
 *
 * Source: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export async function receive(request: Request, receiver: Receiver): Promise<Response> {
  if (request.method !== 'POST') return answer(405, 'Microsoft Graph sends POST.', { allow: 'POST' });
  if (receiver.clientState === undefined) return answer(404, 'No notifications are expected here.');
  const token = new URL(request.url).searchParams.get('validationToken');
  if (token !== null) return handshake(token);
  const text = await readBounded(request, LARGEST).catch(() => '');
  if (text === undefined) return answer(413, `The body is larger than ${LARGEST} bytes.`);
  const items = itemsIn(text);
  if (items === undefined) return answer(400, 'The body is not a notification of Microsoft Graph.');
  const genuine = items.filter((item) => isSame(item.clientState, receiver.clientState as string));
  if (genuine.length < items.length) {
    receiver.refused(
      `${items.length - genuine.length} of ${items.length} notifications have another clientState, and were refused.`,
      'They are not of the subscription of this feed. Nothing was changed.',
    );
  }
  if (genuine.length === 0 && items.length > 0)
    return answer(403, 'The clientState is not that of the subscription.');
  if (!receiver.isKept()) return answer(503, 'The feed is not running.', { 'retry-after': '10' });
  const notified = read(genuine, receiver);
  try {
    await within(KEPT, receiver.keep(notified));
  } catch {
    return answer(503, 'The notification could not be kept.', { 'retry-after': '10' });
  }
  return answer(202);
}

type Item = Readonly<Record<string, unknown>>;

/** Repeats the token as plain text, so that a browser which is led here runs nothing. */
function handshake(token: string): Response {
  if (token === '' || token.length > LONGEST_TOKEN)
    return answer(400, 'The validation token is empty or too long.');
  return answer(200, token);
}

function itemsIn(text: string): readonly Item[] | undefined {
  try {
    const { value } = Object(JSON.parse(text)) as { readonly value?: unknown };
    return Array.isArray(value) ? value.map((one) => Object(one) as Item) : undefined;
  } catch {
    return undefined;
  }
}

function read(items: readonly Item[], { tenantId, refused }: Receiver): Notified {
  const users = new Map<string, LeaverJob>();
  const chores: { chore: Chore; subscription: string | undefined }[] = [];
  for (const item of items) {
    if (typeof item.tenantId !== 'string' || item.tenantId.toLowerCase() !== tenantId) {
      refused(
        'A notification is of another tenant, and was ignored.',
        `The feed is for the tenant ${tenantId}.`,
      );
      continue;
    }
    const { lifecycleEvent, subscriptionId } = item;
    const user = lifecycleEvent === undefined ? userIn(item) : undefined;
    if (user !== undefined) {
      users.set(user, { key: user, text: '' });
      continue;
    }
    const known = typeof lifecycleEvent === 'string' && Object.hasOwn(CHORES, lifecycleEvent);
    if (!known) refused('A notification could not be read. Changes of users are asked for instead.');
    const subscription = typeof subscriptionId === 'string' ? subscriptionId : undefined;
    for (const chore of known ? (CHORES[lifecycleEvent] as readonly Chore[]) : (['poll'] as const)) {
      chores.push({ chore, subscription });
    }
  }
  return { users: [...users.values()], chores };
}

/** The object ID of the user. The resource is `users/{id}` in any case of letters. */
function userIn({ resource, resourceData }: Item): string | undefined {
  const [, fromPath] = (typeof resource === 'string' && /^\/?users\/([^/]+)$/i.exec(resource)) || [];
  const { id } = Object(resourceData) as { readonly id?: unknown };
  const found = id === undefined ? fromPath : id;
  return fromPath !== undefined && isGuid(found) ? found.toLowerCase() : undefined;
}

/** Compares in constant time, for texts of any length. */
function isSame(given: unknown, expected: string): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function within(milliseconds: number, kept: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The queue did not answer in time.')), milliseconds);
    timer.unref();
  });
  await Promise.race([kept, late]).finally(() => clearTimeout(timer));
}

function answer(status: number, text?: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text ?? null, {
    status,
    headers: {
      ...(text === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

import { randomUUID } from 'node:crypto';
import type { Change } from '../directory/changes.js';
import type { EntraServices } from '../endpoints/call.js';
import { Deliveries } from './deliveries.js';
import { timeText } from './graph-call.js';

/** What a subscription watches: all of a collection, one object, or the members of one group. */
export interface Watched {
  readonly kind: 'users' | 'groups' | 'members';
  /** Object ID. `undefined` for the collection. */
  readonly id: string | undefined;
}

/** A subscription to change notifications. */
export interface Subscription {
  readonly id: string;
  /** Client ID of the app that subscribed. */
  readonly applicationId: string;
  /** Object ID of the user or service principal that subscribed. */
  readonly creatorId: string;
  readonly changeType: string;
  readonly resource: string;
  readonly watched: Watched;
  readonly clientState: string | undefined;
  readonly lifecycleNotificationUrl: string | undefined;
  notificationUrl: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** When the access token ends by which it was made or renewed. Milliseconds since the epoch. */
  authorizedUntil: number;
  /** Whether the subscriber was told to authorize it again. */
  reminded: boolean;
}

/** Limits by Microsoft Graph: of an app in a tenant, and of a tenant (Graph: change notifications overview). */
export const mostOfApp = 100;
export const mostOfTenant = 1000;

/** How long before its authorization ends a subscriber is told so, in milliseconds. */
const remindedBefore = 15 * 60_000;

/** The subscriptions of one local Graph. Those that have expired are gone. */
export class Subscriptions {
  readonly #entra: EntraServices;
  readonly #deliveries: Deliveries;
  readonly #all = new Map<string, Subscription>();

  constructor(entra: EntraServices) {
    this.#entra = entra;
    this.#deliveries = new Deliveries(entra);
    const ends = [
      entra.changes.onChange((change) => this.#tell(change)),
      entra.onAdvance(() => this.#remind()),
    ];
    entra.closed.addEventListener('abort', () => {
      for (const end of ends) end();
    });
  }

  list(): readonly Subscription[] {
    const now = this.#entra.now();
    for (const { id, expiresAt } of this.#all.values()) if (expiresAt <= now) this.#all.delete(id);
    return [...this.#all.values()];
  }

  add(given: Omit<Subscription, 'id' | 'reminded'>): Subscription {
    const subscription = { ...given, id: randomUUID(), reminded: false };
    this.#all.set(subscription.id, subscription);
    return subscription;
  }

  remove(id: string): void {
    this.#all.delete(id);
  }

  /** Prolongs what a subscriber may receive, by a new access token. */
  authorize(subscription: Subscription, until: number): void {
    subscription.authorizedUntil = until;
    subscription.reminded = false;
  }

  #tell(change: Change): void {
    // Creation and soft deletion are updates, too. Nothing is deleted for good here.
    const watching = this.list().filter(({ watched, changeType }) => {
      const matches =
        watched.kind === change.kind || (watched.kind === 'groups' && change.kind === 'members');
      return matches && changeType.includes('updated') && (watched.id ?? change.id) === change.id;
    });
    for (const { id } of watching) {
      this.#deliveries.add({
        url: this.#all.get(id)?.notificationUrl ?? '',
        body: () => this.#notification(id, change),
      });
    }
    this.#remind();
  }

  #notification(id: string, change: Change): unknown {
    const subscription = this.list().find((one) => one.id === id);
    if (subscription === undefined) return undefined;
    const collection = change.kind === 'users' ? 'Users' : 'Groups';
    const resource = `${collection}/${change.id}`;
    return {
      value: [
        {
          ...this.#envelope(subscription),
          changeType: 'updated',
          resource,
          resourceData: {
            '@odata.type': `#Microsoft.Graph.${change.kind === 'users' ? 'User' : 'Group'}`,
            '@odata.id': resource,
            id: change.id,
            organizationId: this.#entra.tenants.home.id,
          },
        },
      ],
    };
  }

  /** Tells subscribers whose authorization ends soon (Graph: lifecycle notifications). */
  #remind(): void {
    const now = this.#entra.now();
    for (const subscription of this.list()) {
      const { id, lifecycleNotificationUrl: url, authorizedUntil, reminded } = subscription;
      if (url === undefined || reminded || authorizedUntil - now > remindedBefore) continue;
      subscription.reminded = true;
      this.#deliveries.add({
        url,
        body: () => {
          const current = this.list().find((one) => one.id === id);
          if (current === undefined) return undefined;
          const envelope = this.#envelope(current);
          return { value: [{ ...envelope, lifecycleEvent: 'reauthorizationRequired' }] };
        },
      });
    }
  }

  #envelope({ id, expiresAt, clientState }: Subscription) {
    return {
      subscriptionId: id,
      subscriptionExpirationDateTime: timeText(expiresAt),
      ...(clientState === undefined ? {} : { clientState }),
      tenantId: this.#entra.tenants.home.id,
    };
  }
}

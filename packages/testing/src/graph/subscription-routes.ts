import { randomBytes } from 'node:crypto';
import type { AuthContext } from '@entra-guard/core';
import { isGuid } from '../directory/guid.js';
import { isReachable, send } from './deliveries.js';
import type { Resource } from './filter.js';
import { bodyOf, type GraphCall, noContent, ok, textIn, timeText } from './graph-call.js';
import { badRequest, GraphError, missing, notFound } from './graph-error.js';
import { denied, hasAny } from './needs.js';
import { groupSubscribers, userSubscribers } from './permission-table.js';
import { collection, type Shape, single } from './query.js';
import { mostOfApp, mostOfTenant, type Subscription, type Watched } from './subscriptions.js';

/** The longest and the shortest life of a subscription to users or groups, in minutes (Graph: subscription). */
const longest = 41_760;
const shortest = 45;
const minute = 60_000;

const subscriptionShape: Shape = {
  name: 'subscriptions',
  properties: [
    'id',
    'resource',
    'applicationId',
    'changeType',
    'clientState',
    'notificationUrl',
    'lifecycleNotificationUrl',
    'expirationDateTime',
    'creatorId',
    'latestSupportedTlsVersion',
  ],
};

function resourceOf(subscription: Subscription): Resource {
  return {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: subscription.applicationId,
    changeType: subscription.changeType,
    // Graph tells the secret to the subscriber's notifications alone.
    clientState: null,
    notificationUrl: subscription.notificationUrl,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl ?? null,
    expirationDateTime: timeText(subscription.expiresAt),
    creatorId: subscription.creatorId,
    latestSupportedTlsVersion: 'v1_2',
  };
}

/** Lists the subscriptions of the calling app: an app does not see those of others. */
function ofCaller({ state, auth }: GraphCall): readonly Subscription[] {
  return state.subscriptions.list().filter(({ applicationId }) => applicationId === auth.clientId);
}

function subscriptionIn(call: GraphCall): Subscription {
  const found = ofCaller(call).find(({ id }) => id === call.params.subscription?.toLowerCase());
  if (found !== undefined) return found;
  throw new GraphError(404, 'ResourceNotFound', 'The object was not found.');
}

export function getSubscriptions(call: GraphCall): Response {
  return ok(collection(ofCaller(call).map(resourceOf), { ...call, shape: subscriptionShape }));
}

export function getSubscription(call: GraphCall): Response {
  return ok(single(resourceOf(subscriptionIn(call)), { ...call, shape: subscriptionShape }));
}

/**
 * Subscribes to changes. Both addresses have to answer the handshake first.
 *
 * Source: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export async function postSubscription(call: GraphCall): Promise<Response> {
  const { state, auth } = call;
  const body = await bodyOf(call);
  const changeType = changeTypeIn(body);
  const { resource, watched } = watchedIn(call, textIn(body, 'resource'));
  const notificationUrl = addressIn(call, 'notificationUrl', textIn(body, 'notificationUrl'));
  const lifecycle = body.lifecycleNotificationUrl;
  const lifecycleNotificationUrl =
    lifecycle === undefined || lifecycle === null
      ? undefined
      : addressIn(call, 'lifecycleNotificationUrl', String(lifecycle));
  const expiresAt = expiryIn(call, body);
  const { clientState } = body;
  if (clientState !== undefined && (typeof clientState !== 'string' || clientState.length > 128)) {
    throw badRequest('clientState is not a text of at most 128 characters.', 'InvalidRequest');
  }
  assertRoom(call, { resource, changeType });
  await assertHandshake(call, notificationUrl);
  if (lifecycleNotificationUrl !== undefined) await assertHandshake(call, lifecycleNotificationUrl);
  // Another request may have taken the place while this one waited.
  assertRoom(call, { resource, changeType });
  const subscription = state.subscriptions.add({
    applicationId: auth.clientId,
    creatorId: auth.objectId ?? '',
    changeType,
    resource,
    watched,
    clientState,
    lifecycleNotificationUrl,
    notificationUrl,
    expiresAt,
    authorizedUntil: auth.expiresAt,
  });
  const answer = { ...resourceOf(subscription), clientState: clientState ?? null };
  return ok(single(answer, { ...call, shape: subscriptionShape }), 201, {
    location: `${call.base}/subscriptions/${subscription.id}`,
  });
}

/** Renews a subscription, or moves it to another address. */
export async function patchSubscription(call: GraphCall): Promise<Response> {
  const subscription = subscriptionIn(call);
  const body = await bodyOf(call);
  const unknown = Object.keys(body).find((name) => !['expirationDateTime', 'notificationUrl'].includes(name));
  if (unknown !== undefined) {
    throw badRequest(
      `'${unknown}' of a subscription can not be changed. Change expirationDateTime or notificationUrl, or subscribe again.`,
      'InvalidRequest',
    );
  }
  assertMayWatch(call.auth, subscription.watched);
  const expiresAt = body.expirationDateTime === undefined ? subscription.expiresAt : expiryIn(call, body);
  if (body.notificationUrl !== undefined) {
    const url = addressIn(call, 'notificationUrl', textIn(body, 'notificationUrl'));
    await assertHandshake(call, url);
    subscription.notificationUrl = url;
  }
  subscription.expiresAt = expiresAt;
  call.state.subscriptions.authorize(subscription, call.auth.expiresAt);
  return ok(single(resourceOf(subscription), { ...call, shape: subscriptionShape }));
}

export function deleteSubscription(call: GraphCall): Response {
  call.state.subscriptions.remove(subscriptionIn(call).id);
  return noContent();
}

export function reauthorize(call: GraphCall): Response {
  const subscription = subscriptionIn(call);
  assertMayWatch(call.auth, subscription.watched);
  call.state.subscriptions.authorize(subscription, call.auth.expiresAt);
  return noContent();
}

function changeTypeIn(body: Readonly<Record<string, unknown>>): string {
  const kinds = textIn(body, 'changeType')
    .split(',')
    .map((kind) => kind.trim().toLowerCase());
  const invalid = kinds.find((kind) => kind !== 'updated' && kind !== 'deleted');
  if (invalid === undefined) return [...new Set(kinds)].join(',');
  throw badRequest(
    `Invalid 'changeType' attribute: '${invalid}'. Users and groups have 'updated', which creation and soft deletion are too, and 'deleted'.`,
    'InvalidRequest',
  );
}

function watchedIn(call: GraphCall, given: string): { readonly resource: string; readonly watched: Watched } {
  const resource = given.replace(/^\/+|\/+$/g, '').replace(/^v1\.0\//, '');
  const [collectionName = '', id, part, ...rest] = resource.split('/');
  const kind = collectionName.toLowerCase();
  if ((kind !== 'users' && kind !== 'groups') || rest.length > 0) throw unwatched(given);
  if (part !== undefined && !(kind === 'groups' && part.toLowerCase() === 'members')) throw unwatched(given);
  if (id !== undefined && !isGuid(id)) throw unwatched(given);
  const watched: Watched = { kind: part === undefined ? kind : 'members', id: id?.toLowerCase() };
  assertMayWatch(call.auth, watched);
  if (kind === 'groups' && id !== undefined && call.entra.groups.find(id) === undefined) throw notFound(id);
  return { resource, watched };
}

function unwatched(resource: string): GraphError {
  return missing(
    `change notifications for "${resource}". It has users, users/{id}, groups, groups/{id} and groups/{id}/members`,
  );
}

function assertMayWatch(auth: AuthContext, { kind }: Watched): void {
  const needed = kind === 'users' ? userSubscribers : groupSubscribers;
  if (!hasAny(auth, needed)) throw denied(`A subscription to ${kind} needs one of ${needed.join(', ')}.`);
}

function addressIn({ entra }: GraphCall, name: string, url: string): string {
  if (URL.canParse(url) && isReachable(entra, url)) return url;
  throw badRequest(
    `${name} is '${url}'. The local Entra sends notifications to http or https addresses of this machine, or in process: pass a handler to entra.receiveNotifications(...).`,
    'InvalidRequest',
  );
}

function expiryIn({ entra }: GraphCall, body: Readonly<Record<string, unknown>>): number {
  const text = textIn(body, 'expirationDateTime');
  const time = Date.parse(text);
  const now = entra.now();
  if (Number.isNaN(time))
    throw badRequest(`expirationDateTime is '${text}', which is not a time.`, 'InvalidRequest');
  if (time <= now) throw badRequest(`expirationDateTime is ${text}, which is in the past.`, 'InvalidRequest');
  if (time > now + longest * minute) {
    throw badRequest(
      `Subscription expiration can only be ${longest} minutes in the future.`,
      'InvalidRequest',
    );
  }
  return Math.max(time, now + shortest * minute);
}

function assertRoom(
  call: GraphCall,
  { resource, changeType }: Pick<Subscription, 'resource' | 'changeType'>,
): void {
  const own = ofCaller(call);
  if (
    own.some((one) => one.resource.toLowerCase() === resource.toLowerCase() && one.changeType === changeType)
  ) {
    throw new GraphError(
      409,
      'InvalidRequest',
      'A subscription for the same resource and changeType exists already. Renew it.',
    );
  }
  if (own.length < mostOfApp && call.state.subscriptions.list().length < mostOfTenant) return;
  throw new GraphError(
    403,
    'InvalidRequest',
    `The quota of subscriptions is used up: ${mostOfApp} of an app, ${mostOfTenant} of a tenant.`,
  );
}

/** Checks that an address expects notifications: it repeats a token as plain text. */
async function assertHandshake({ entra }: GraphCall, address: string): Promise<void> {
  const token = `Validation: local ${randomBytes(16).toString('base64url')}`;
  const url = new URL(address);
  url.searchParams.set('validationToken', token);
  const found = await send(entra, url.href, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '',
  })
    .then(async (answer) => {
      const type = answer.headers.get('content-type') ?? 'none';
      if (answer.status !== 200) return `status ${answer.status}`;
      if (!type.toLowerCase().startsWith('text/plain')) return `content type ${type}`;
      return (await answer.text()) === token ? undefined : 'another text than the validation token';
    })
    .catch((error: unknown) => (error instanceof Error ? error.message : 'a failure'));
  if (found === undefined) return;
  throw badRequest(
    `Subscription validation request failed. ${address} must respond with 200 OK, text/plain and the decoded validationToken within 10 seconds. Found: ${found}.`,
    'ValidationError',
  );
}

import type { EntryKind } from '../options/entries.js';

/** What names a request, and its answer (JSON-RPC 2.0 section 4). */
export type RequestId = string | number;

/** One message of a body, as far as authorization is concerned. */
export type Message = Call | Reference | Other;

/** A request that uses a tool, prompt or resource. */
export interface Call {
  readonly type: 'call';
  readonly id: RequestId;
  readonly method: string;
  readonly kind: EntryKind;
  readonly name: string;
  /** What a tool or prompt is called with. */
  readonly arguments: unknown;
  /** The W3C Trace Context in `_meta`, as it is. */
  readonly traceparent: string | undefined;
  /** Whether the client opens URLs for its user, as its capabilities in `_meta` say (2026-07-28). */
  readonly opensUrls: boolean;
}

/** A request about a prompt or resource that does not use it: completion, or a subscription. */
export interface Reference {
  readonly type: 'reference';
  readonly id: RequestId;
  readonly method: string;
  readonly kind: EntryKind;
  readonly name: string;
}

/** Any other request, a notification, or an answer to a request of the server. */
export interface Other {
  readonly type: 'other';
  /** `undefined` for what is not answered. */
  readonly id: RequestId | undefined;
  /** `undefined` for an answer. */
  readonly method: string | undefined;
}

/** A body, read. */
export interface Messages {
  readonly isBatch: boolean;
  readonly all: readonly Message[];
}

/** Why a body is not one of messages. */
export interface NotMessages {
  readonly problem: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Each method that uses something, and the member that names it. */
const CALLS: ReadonlyMap<string, { readonly kind: EntryKind; readonly by: string }> = new Map([
  ['tools/call', { kind: 'tool', by: 'name' }],
  ['prompts/get', { kind: 'prompt', by: 'name' }],
  ['resources/read', { kind: 'resource', by: 'uri' }],
]);

/** The methods of all revisions that clients call and that use nothing; requests. */
const OTHER_REQUESTS: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/unsubscribe',
  'subscriptions/listen',
  'logging/setLevel',
]);

/** The SDKs' own limit. Each call of a batch is decided and audited. */
const MAX_BATCH = 100;

/**
 * Reads what a body asks for.
 *
 * @param body parsed JSON
 * @param modern whether it is of revision 2026-07-28 or later
 * @returns the problem for what an SDK might read otherwise than it is read here
 */
export function readMessages(body: unknown, modern: boolean): Messages | NotMessages {
  const isBatch = Array.isArray(body);
  const list: readonly unknown[] = isBatch ? body : [body];
  if (list.length === 0 || list.length > MAX_BATCH) {
    return { problem: `Invalid Request: a batch has 1 to ${MAX_BATCH} messages` };
  }
  const all: Message[] = [];
  for (const one of list) {
    const message = readMessage(one, modern);
    if ('problem' in message) return message;
    all.push(message);
  }
  const ids = all.flatMap(({ id }) => (id === undefined ? [] : [id]));
  // The SDKs send answers by ID: two calls of one ID are not told apart.
  if (new Set(ids.map(String)).size < ids.length)
    return { problem: 'Invalid Request: two requests have one id' };
  return { isBatch, all };
}

function readMessage(given: unknown, modern: boolean): Message | NotMessages {
  if (!isObject(given)) return { problem: 'Invalid Request: not a JSON-RPC message' };
  const method = own(given, 'method');
  const id = own(given, 'id');
  if (method === undefined) {
    const isAnswer = Object.hasOwn(given, 'result') || Object.hasOwn(given, 'error');
    return isAnswer
      ? { type: 'other', id: undefined, method: undefined }
      : { problem: 'Invalid Request: not a JSON-RPC message' };
  }
  if (typeof method !== 'string') return { problem: 'Invalid Request: method is not text' };
  const isRequest = Object.hasOwn(given, 'id');
  if (isRequest && !isId(id)) return { problem: 'Invalid Request: id is neither text nor a number' };
  const params = own(given, 'params');
  const about = CALLS.get(method) ?? referenceOf(method, params, modern);
  if (about === undefined) return { type: 'other', id: isRequest ? (id as RequestId) : undefined, method };
  // Without an ID it would be a notification, of which nothing is known but that it was sent.
  if (!isRequest) return { problem: `Invalid Request: ${method} has no id` };
  const name = 'name' in about ? about.name : own(isObject(params) ? params : {}, about.by);
  if (typeof name !== 'string')
    return { problem: `Invalid Request: ${method} does not say what it is about` };
  const { kind } = about;
  const common = { id: id as RequestId, method, kind, name };
  if ('name' in about) return { type: 'reference', ...common };
  return { type: 'call', ...common, ...callFacts(params as Json) };
}

/** What completion and subscriptions are about: they tell of a prompt or resource. */
function referenceOf(
  method: string,
  params: unknown,
  modern: boolean,
): { readonly kind: EntryKind; readonly name: unknown } | undefined {
  const given = isObject(params) ? params : {};
  // From 2026-07-28 on it is not a method: `subscriptions/listen` has taken its place.
  if (method === 'resources/subscribe' && !modern) return { kind: 'resource', name: own(given, 'uri') };
  if (method !== 'completion/complete') return undefined;
  const ref = own(given, 'ref');
  const reference = isObject(ref) ? ref : {};
  return own(reference, 'type') === 'ref/prompt'
    ? { kind: 'prompt', name: own(reference, 'name') }
    : { kind: 'resource', name: own(reference, 'uri') };
}

function callFacts(params: Json): Pick<Call, 'arguments' | 'traceparent' | 'opensUrls'> {
  const meta = objectIn(params, '_meta');
  const traceparent = own(meta, 'traceparent');
  const elicitation = objectIn(objectIn(meta, 'io.modelcontextprotocol/clientCapabilities'), 'elicitation');
  return {
    arguments: own(params, 'arguments'),
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    opensUrls: isObject(own(elicitation, 'url')),
  };
}

/** Whether a method uses nothing that has a requirement, so that any caller of the server may call it. */
export function needsOnlyACaller({ id, method }: Other): boolean {
  if (method === undefined) return true;
  return id === undefined ? method.startsWith('notifications/') : OTHER_REQUESTS.has(method);
}

/** The method for audit events and logs: one of a closed list. */
export function nameOfMethod({ method }: Pick<Message, 'method'>): string {
  if (method === undefined) return 'answer';
  if (OTHER_REQUESTS.has(method) || CALLS.has(method)) return method;
  return /^notifications\/(?:initialized|cancelled|progress|roots\/list_changed)$/.test(method) ||
    method === 'completion/complete' ||
    method === 'resources/subscribe'
    ? method
    : 'other method';
}

function objectIn(of: Json, name: string): Json {
  const value = own(of, name);
  return isObject(value) ? value : {};
}

function own(of: Json, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is RequestId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

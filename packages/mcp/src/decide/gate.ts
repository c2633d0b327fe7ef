import {
  type AuthContext,
  ConfigurationError,
  type DecisionPlace,
  EntraGuardError,
  LimitError,
  PermissionError,
  type RequestLike,
  TokenError,
} from '@entra-guard/core';
import { canonicalDigest, type Outlook, outlookOf } from '@entra-guard/core/mcp';
import { type Answer, type Reply, rpcAnswer, rpcRefusal } from '../answer/answer.js';
import type { Challenges } from '../answer/challenges.js';
import { headerMismatch, headerOf, isModern } from '../message/headers.js';
import {
  type Call,
  type Message,
  type Messages,
  nameOfMethod,
  needsOnlyACaller,
  type RequestId,
  readMessages,
} from '../message/messages.js';
import type { Entry, Target } from '../options/entries.js';
import type { Settings } from '../options/settings.js';
import { tell } from '../options/tell.js';
import { type AuthInfo, authInfoOf } from './auth-info.js';
import type { Callers } from './callers.js';
import { notFound, type Refused, Replies } from './replies.js';

/** A request, as a host hands it over. */
export interface Incoming {
  /** The host's request itself: callers are known by it. */
  readonly request: RequestLike & object;
  readonly method: string;
  /** Reads the body as JSON. Asked at most once, and for callers who may send one. */
  body(): Promise<Body>;
}

/** What a body holds, or how it is refused. */
export type Body = { readonly value: unknown } | { readonly refusal: Answer };

/** What becomes of a request. */
export type Verdict =
  | { readonly answer: Answer }
  | {
      readonly answer?: undefined;
      /** `undefined` for callers without a token, of what is open to them. */
      readonly authInfo: AuthInfo | undefined;
      /** What was judged, and has to be handled; `undefined` for a request without a body. */
      readonly body: unknown;
    };

/** Decides about the requests of an MCP endpoint, call by call, before anything is dispatched. */
export class Gate {
  readonly #settings: Settings;
  readonly #challenges: Challenges;
  readonly #replies: Replies;
  readonly #callers: Callers;
  readonly #metadataUrl: string;
  #toldOfBoundTokens = false;

  constructor(settings: Settings, challenges: Challenges, callers: Callers, metadataUrl: string) {
    this.#settings = settings;
    this.#challenges = challenges;
    this.#replies = new Replies(challenges, settings);
    this.#callers = callers;
    this.#metadataUrl = metadataUrl;
  }

  /** Never rejects for what a caller sends: a refusal is an answer. @throws ConfigurationError (as a rejection) */
  async decide(incoming: Incoming): Promise<Verdict> {
    try {
      return await this.#decide(incoming);
    } catch (error) {
      if (!EntraGuardError.is(error) || ConfigurationError.is(error)) throw error;
      if (TokenError.is(error) && error.code === 'key_bound_token') this.#tellOfBoundTokens();
      return { answer: this.#challenges.answer(error) };
    }
  }

  /** Once: the editor asks again and again, and its user can't tell why. */
  #tellOfBoundTokens(): void {
    if (this.#toldOfBoundTokens) return;
    this.#toldOfBoundTokens = true;
    tell(this.#settings.access.log, {
      message: 'A client of MCP sent a token that is bound to a key of its device.',
      hint: 'VS Code on a device that is joined to Entra does so (microsoft/vscode#319673). In its settings: "microsoft-authentication.implementation": "msal-no-broker".',
    });
  }

  async #decide(incoming: Incoming): Promise<Verdict> {
    const { request } = incoming;
    // The SDKs do not look at its case.
    const method = incoming.method.toUpperCase();
    const { guard, access, entries } = this.#settings;
    const handler = `${METHODS.has(method) ? method : 'OTHER'} ${this.#settings.resource.pathname}`;
    const origin = headerOf(request, 'origin');
    if (origin !== undefined && !this.#settings.origins.has(origin)) {
      guard.refuse(request, { handler }, FOREIGN_ORIGIN);
      return { answer: rpcRefusal(403, -32000, 'Invalid Origin') };
    }
    const optional = method === 'POST' && entries.someOpen;
    const auth = await access.identify(request, { handler, optional });
    if (method !== 'POST') return this.#withCaller(request, handler, undefined);
    const body = await incoming.body();
    if ('refusal' in body) return this.#refusedBody(request, handler, body.refusal);
    const modern = isModern(request);
    const messages = readMessages(body.value, modern);
    if ('problem' in messages) {
      return this.#refusedBody(request, handler, rpcRefusal(400, -32600, messages.problem));
    }
    const mismatch = modern ? mismatchIn(request, messages) : undefined;
    if (mismatch !== undefined) {
      const id = messages.isBatch ? undefined : messages.all[0]?.id;
      return this.#refusedBody(request, handler, rpcRefusal(400, -32020, `Bad Request: ${mismatch}`, id));
    }
    return this.#judge({ request, messages, modern, body: body.value }, auth);
  }

  /** A caller without a call: one event tells of it. @throws what the guard throws */
  async #withCaller(request: RequestLike & object, handler: string, body: unknown): Promise<Verdict> {
    const auth = await this.#settings.guard.authenticate(request, { handler });
    return { authInfo: this.#known(request, auth, new Map()), body };
  }

  async #refusedBody(request: RequestLike, handler: string, answer: Answer): Promise<Verdict> {
    await this.#settings.guard.authenticate(request, { handler });
    return { answer };
  }

  async #judge(asked: Asked, auth: AuthContext | undefined): Promise<Verdict> {
    const { request, messages, modern, body } = asked;
    const calls = messages.all.filter((message) => message.type === 'call');
    const others = messages.all.filter((message) => message.type !== 'call');
    const refused: RefusedMessage[] = [];
    // What is not a call needs a caller. Where there are calls, each of them is an event instead.
    if (others.length > 0 || calls.length === 0) {
      const known =
        calls.length === 0
          ? await this.#settings.guard.authenticate(request, { handler: handlerOf(messages) })
          : await this.#settings.access.identify(request, { handler: handlerOf(messages) });
      for (const message of others) {
        const reply = await this.#replyToOther(message, known as AuthContext);
        if (reply !== undefined) refused.push({ message, reply });
      }
    }
    const targets = new Map(calls.map((call) => [call, this.#settings.entries.target(call.kind, call.name)]));
    const outlooks = new Map<Call, Outlook | undefined>();
    for (const call of calls) outlooks.set(call, await this.#outlook(targets.get(call), auth));
    // What counts or is used up by a call must not be, where another call of the batch is refused anyway.
    const isDoomed =
      refused.length > 0 || calls.some((call) => !isOpen(targets.get(call), outlooks.get(call)));
    const allowed = new Map<RequestId, readonly Entry[]>();
    const refusedCalls: Refused[] = [];
    for (const call of calls) {
      const target = targets.get(call);
      const outlook = outlooks.get(call);
      const error =
        isDoomed && isOpen(target, outlook)
          ? this.#refuseWithOthers(request, call)
          : await this.#decideCall(request, call, target, auth);
      if (error === undefined) allowed.set(call.id, (target as Target).entries);
      // Without a caller there was a 401: what is refused here has one.
      else refusedCalls.push({ call, error, auth: auth as AuthContext, outlook: target && outlook });
    }
    if (refusedCalls.length === 0 && refused.length === 0) {
      return { authInfo: auth && this.#known(request, auth, allowed), body };
    }
    return { answer: this.#answer(messages, refusedCalls, refused, modern) };
  }

  /** Decides about one call: this is its audit event. @returns why it is refused. @throws what the whole request is refused for */
  async #decideCall(
    request: RequestLike & object,
    call: Call,
    target: Target | undefined,
    auth: AuthContext | undefined,
  ): Promise<EntraGuardError | undefined> {
    const { guard } = this.#settings;
    if (target === undefined) {
      if (auth === undefined) await guard.authenticate(request, { handler: call.method });
      return guard.refuse(request, { handler: call.method, tool: call.name, ...trace(call) }, UNKNOWN);
    }
    try {
      await guard.require(request, target.requirement, new CallPlace(call, target));
      return undefined;
    } catch (error) {
      if (PermissionError.is(error) || LimitError.is(error)) return error;
      throw error;
    }
  }

  #refuseWithOthers(request: RequestLike & object, call: Call): EntraGuardError {
    const { method, name } = call;
    return this.#settings.guard.refuse(request, { handler: method, tool: name, ...trace(call) }, WITH_OTHERS);
  }

  async #outlook(target: Target | undefined, auth: AuthContext | undefined): Promise<Outlook | undefined> {
    if (target === undefined || auth === undefined) return undefined;
    return this.outlookOf(target.requirement, auth);
  }

  /** What a caller could do with an entry; groups that a token does not hold are found out. */
  async outlookOf(requirement: Target['requirement'], auth: AuthContext): Promise<Outlook> {
    const { access } = this.#settings;
    const groups = await access.groupsOf(auth).catch(() => undefined);
    return outlookOf(requirement, auth, { now: access.now(), groups: groups && [...groups] });
  }

  /** What is not a call needs a caller; what tells of a prompt or resource is answered as if that did not exist, unless it is open. */
  async #replyToOther(
    message: Exclude<Message, Call>,
    auth: AuthContext,
  ): Promise<Reply | 'nothing' | undefined> {
    if (message.type === 'other') {
      if (needsOnlyACaller(message)) return undefined;
      return message.id === undefined ? 'nothing' : METHOD_NOT_FOUND;
    }
    const { entries } = this.#settings;
    // A template is referred to by its own text.
    const named = entries.named(message.kind, message.name);
    const requirement = named?.requirement ?? entries.target(message.kind, message.name)?.requirement;
    if (requirement === undefined) return notFound(message);
    const { state } = await this.outlookOf(requirement, auth);
    return state === 'open' ? undefined : notFound(message);
  }

  #answer(
    { isBatch, all }: Messages,
    calls: readonly Refused[],
    others: readonly RefusedMessage[],
    modern: boolean,
  ): Answer {
    const isScopeAlone = ({ error, outlook }: Refused) =>
      PermissionError.is(error) && outlook?.state === 'lacks-scopes';
    const [first] = calls;
    if (first !== undefined && others.length === 0) {
      const lacking = calls.filter(isScopeAlone);
      // A call that is refused with the others only is let in by the same scopes.
      const isFixed =
        calls.every((one) => isScopeAlone(one) || one.outlook?.state === 'open') && lacking.length > 0;
      if (isFixed && this.#asksByHttp(modern)) {
        const scopes = lacking.flatMap(({ outlook }) =>
          outlook?.state === 'lacks-scopes' ? outlook.scopes : [],
        );
        return this.#challenges.stepUp(scopes, first.auth.scopes);
      }
      if (!isBatch && LimitError.is(first.error)) return this.#challenges.answer(first.error);
    }
    const replies = new Map<Message, Reply | 'nothing'>([
      ...others.map(({ message, reply }) => [message, reply] as const),
      ...calls.map((one) => [one.call, this.#reply(one, modern)] as const),
    ]);
    const answered = all.flatMap((message) => {
      const reply = replies.get(message) ?? WITHDRAWN;
      return message.id === undefined || reply === 'nothing' ? [] : [{ id: message.id, ...reply }];
    });
    if (answered.length === 0) return rpcRefusal(400, -32600, 'Invalid Request: not a method of this server');
    const status = modern && !isBatch && replies.get(all[0] as Message) === METHOD_NOT_FOUND ? 404 : 200;
    return rpcAnswer(answered, isBatch, status);
  }

  #reply(refused: Refused, modern: boolean): Reply {
    return refused.outlook?.state === 'open' && isWithOthers(refused.error)
      ? WITHDRAWN
      : this.#replies.to(refused, modern);
  }

  /** 2026-07-28 asks clients to step up; of earlier clients some can't. */
  #asksByHttp(modern: boolean): boolean {
    const { stepUp } = this.#settings;
    return stepUp === 'http' || (stepUp === 'both' && modern);
  }

  #known(
    request: RequestLike & object,
    auth: AuthContext,
    allowed: ReadonlyMap<RequestId, readonly Entry[]>,
  ): AuthInfo {
    const { resource, exposeToken } = this.#settings;
    const facts = { resource, exposeToken, metadataUrl: this.#metadataUrl };
    const authInfo = authInfoOf(auth, request, facts);
    this.#callers.add(request, { auth, authInfo, allowed });
    return authInfo;
  }
}

/** Names in logs are of a closed list. */
const METHODS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** What is judged at once: the messages of one body. */
interface Asked {
  readonly request: RequestLike & object;
  readonly messages: Messages;
  readonly modern: boolean;
  readonly body: unknown;
}

interface RefusedMessage {
  readonly message: Message;
  /** `'nothing'` for what is never answered. */
  readonly reply: Reply | 'nothing';
}

const FOREIGN_ORIGIN = {
  message: 'The request has an Origin that may not call.',
  hint: 'Name the origin of the web page in allowedOrigins, if it is meant to call.',
};
const UNKNOWN = {
  message: 'The call is of something that the server does not offer.',
  hint: 'Name it with its requirement in tools, prompts or resources.',
};
const WITH_OTHERS = {
  message: 'The call came in a batch with one that was refused, and a batch is refused whole.',
  hint: 'See the other event of the batch.',
};
const METHOD_NOT_FOUND: Reply = { error: { code: -32601, message: 'Method not found' } };
const WITHDRAWN: Reply = {
  error: { code: -32600, message: 'Not carried out: another message of the batch was refused' },
};

function isOpen(target: Target | undefined, outlook: Outlook | undefined): boolean {
  return target !== undefined && (target.requirement.role === 'anonymous' || outlook?.state === 'open');
}

function isWithOthers(error: unknown): boolean {
  return PermissionError.is(error) && error.code === 'no_requirement';
}

function mismatchIn(request: RequestLike, { all }: Messages): string | undefined {
  for (const message of all) {
    const mismatch = headerMismatch(request, message);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function handlerOf({ isBatch, all }: Messages): string {
  return isBatch ? 'batch' : nameOfMethod(all[0] as Message);
}

/**
 * The place of a decision about one call: what audit events tell of it, by names that the server itself has given. The digest is made
 * when it is read, which no request needs without a listener. A class, since V8 makes a new shape for each object literal with a getter.
 */
class CallPlace implements DecisionPlace {
  readonly handler: string;
  readonly tool: string;
  readonly traceparent: string | undefined;
  readonly #call: Call;

  constructor(call: Call, { entries }: Target) {
    const name = entries.map((entry) => entry.name).join(' ');
    this.handler = `${call.method} ${name}`;
    this.tool = call.kind === 'resource' ? call.name : name;
    this.traceparent = call.traceparent;
    this.#call = call;
  }

  get argumentsDigest(): string | undefined {
    const { arguments: given } = this.#call;
    return given === undefined ? undefined : canonicalDigest(given);
  }

  /** One template stands for many resources: an approval is for the one that is read. */
  readonly approves = (): unknown =>
    this.#call.kind === 'resource' ? { uri: this.#call.name } : (this.#call.arguments ?? {});
}

function trace({ traceparent }: Call): { readonly traceparent?: string } {
  return traceparent === undefined ? {} : { traceparent };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ASSERTION_HEADER, type AssertionSigner, assertionSigner } from '@entra-guard/core/assertion';
import { type Carried, type CarryEvents, carry } from '../forward/carry.js';
import { carryUpgrade, endWith } from '../forward/carry-upgrade.js';
import { requestHeaders } from '../forward/request-headers.js';
import { rawValuesOf } from '../headers/header-names.js';
import type { Policy } from '../policy/policy.js';
import { peerOf } from '../service/address.js';
import { answerAdmin } from '../service/admin.js';
import { type Listening, listenAt } from '../service/listening.js';
import type { BrowserAnswer } from '../sign-in/browser-sign-in.js';
import type { ListeningProxy } from './create-proxy.js';
import { type FailureLog, failureLog } from './failure-log.js';
import type { Admission, Passing } from './gate.js';
import { type ClientListener, listenForClients } from './proxy-listener.js';
import { ProxyMetrics } from './proxy-metrics.js';
import type { ProxySettings } from './proxy-options.js';
import { Ruling } from './ruling.js';

/** How long running requests are waited for at the end. */
const GRACE_MS = 10_000;

export class RunningProxy implements ListeningProxy {
  readonly #settings: ProxySettings;
  readonly #metrics = new ProxyMetrics(
    () => this.#ruling.gate.judge,
    () => [...this.#rulings].reduce((sum, { running }) => sum + running, 0),
  );
  /** The one that decides, and earlier ones whose requests are still open. */
  readonly #rulings = new Set<Ruling>();
  readonly #logFailure: FailureLog;
  #ruling: Ruling;
  #problem: string | undefined;
  #clients: ClientListener | undefined;
  #admin: Listening | undefined;
  #signer: AssertionSigner | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ProxySettings, first: Ruling) {
    this.#settings = settings;
    this.#logFailure = failureLog(settings.log);
    this.#ruling = first;
    this.#rulings.add(first);
  }

  async listen(): Promise<void> {
    const { listen, admin, assertion } = this.#settings;
    const { issuer } = assertion;
    if (issuer !== undefined) this.#signer = assertionSigner({ ...assertion, issuer });
    this.#clients = await listenForClients(listen, {
      request: (request, response, awaited) => this.#serve(request, response, awaited),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
    });
    this.#signer ??= assertionSigner({ ...assertion, issuer: this.#clients.url });
    if (admin === undefined) return;
    const facts = {
      signer: this.#signer,
      metrics: this.#metrics,
      health: () => this.#ruling.health(),
      policy: () => this.#policyFacts(),
    };
    this.#admin = await listenAt(admin, (request, response) => answerAdmin(facts, request, response));
  }

  get url(): string {
    return (this.#clients as ClientListener).url;
  }

  get adminUrl(): string | undefined {
    return this.#admin?.url;
  }

  get issuer(): string {
    return (this.#signer as AssertionSigner).issuer;
  }

  use(policy: Policy): void {
    const before = this.#ruling;
    try {
      this.#ruling = new Ruling(this.#settings, policy);
    } catch (error) {
      this.#problem = 'A later policy can not be used.';
      throw error;
    }
    this.#problem = undefined;
    this.#rulings.add(this.#ruling);
    void before.retire().then(() => this.#rulings.delete(before));
  }

  #policyFacts(): { readonly digest: string; readonly problem?: string } {
    const { digest } = this.#ruling.policy;
    return this.#problem === undefined ? { digest } : { digest, problem: this.#problem };
  }

  async #serve(request: IncomingMessage, response: ServerResponse, awaited: boolean): Promise<void> {
    const ruling = this.#begin(response);
    const { passing, answer } = await this.#admit(ruling, request, false);
    if (response.destroyed) return;
    if (passing === undefined) {
      writeAnswer(request, response, answer);
      return;
    }
    if (awaited) response.writeContinue();
    const upstream = ruling.upstreamOf(passing.app.name);
    const headers = requestHeaders(request.rawHeaders, this.#told(request, ruling, passing));
    this.#watch(ruling, passing, (events) => carry(upstream, request, response, headers, events));
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ruling = this.#begin(socket);
    const { passing, answer } = await this.#admit(ruling, request, true);
    if (socket.destroyed) return;
    if (passing === undefined) {
      endWith(socket, answer.status, flat(answer.headers), answer.body ?? '');
      return;
    }
    const upstream = ruling.upstreamOf(passing.app.name);
    const headers = requestHeaders(request.rawHeaders, this.#told(request, ruling, passing));
    this.#watch(ruling, passing, (events) => carryUpgrade(upstream, request, socket, head, headers, events));
  }

  /** Counts a request as open until its connection or answer is closed. */
  #begin(closing: ServerResponse | Duplex): Ruling {
    const ruling = this.#ruling;
    ruling.begin();
    closing.once('close', () => ruling.end());
    return ruling;
  }

  async #admit(ruling: Ruling, request: IncomingMessage, upgrade: boolean): Promise<Admission> {
    const begun = performance.now();
    const admission = await ruling.gate.admit(request, upgrade);
    if (admission.verdict !== undefined) {
      this.#metrics.decided(admission.verdict, (performance.now() - begun) / 1_000);
    }
    return admission;
  }

  /** Carries a request, and ends it when its caller is refused. */
  #watch(ruling: Ruling, passing: Passing, start: (events: CarryEvents) => Carried): void {
    const app = passing.app.name;
    let carried: Carried | undefined;
    const release = ruling.lasting.watch(passing, () => carried?.end());
    carried = start({
      began: (seconds) => this.#metrics.began(app, seconds),
      failed: (reason, error) => {
        this.#metrics.failed(app, reason);
        this.#logFailure(passing.app, reason, error);
      },
      over: release,
    });
  }

  #told(request: IncomingMessage, { audiences }: Ruling, { app, rule, auth, seen, browser }: Passing) {
    const [host = ''] = rawValuesOf(request.rawHeaders, 'host');
    const own = [
      'X-Forwarded-For',
      peerOf(request.socket) ?? 'unknown',
      'X-Forwarded-Host',
      host,
      'X-Forwarded-Proto',
      seen.scheme,
      'X-Forwarded-Port',
      seen.port,
    ];
    const audience = audiences.get(app.name);
    if (audience !== undefined) {
      own.push(ASSERTION_HEADER, (this.#signer as AssertionSigner).sign(auth, { audience, rule: rule.path }));
    }
    const { passToken } = app;
    if (passToken && browser !== undefined) own.push('Authorization', browser.session.authorization);
    return { own, passToken };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#clients?.close(GRACE_MS);
    for (const { lasting } of this.#rulings) lasting.close();
    await Promise.all([...this.#rulings].map((ruling) => ruling.retire()));
    await this.#admin?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Writes an answer in place of the application's. */
function writeAnswer(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: BrowserAnswer,
): void {
  const framed = status === 204 ? headers : { ...headers, 'Content-Length': String(Buffer.byteLength(body)) };
  response.writeHead(status, framed as Record<string, string | string[]>);
  response.end(method === 'HEAD' ? undefined : body);
}

function flat(headers: BrowserAnswer['headers']): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((one) => [name, one]),
  );
}

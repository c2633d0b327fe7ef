import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '@entra-guard/core';
import { type AssertionSigner, assertionSigner } from '@entra-guard/core/assertion';
import type { Policy } from '../policy/policy.js';
import { answerAdmin } from './admin.js';
import { passesByNow, writeAllowed, writeAnswer, writeRefused } from './answers.js';
import { audiencesOf } from './audiences.js';
import { Judge } from './judge.js';
import { type Listening, listenAt } from './listening.js';
import { ServiceMetrics } from './metrics.js';
import { type DecisionServiceOptions, guardOf, readServiceOptions, type ServiceSettings } from './options.js';
import type { Verdict } from './verdict.js';

/** A service that listens. */
export interface ListeningService {
  /** Where servers ask: `http://127.0.0.1:4180`, or `unix:PATH`. */
  readonly url: string;
  /** Where `/jwks.json`, `/healthz`, `/readyz` and `/metrics` are; `undefined` where there is no such listener. */
  readonly adminUrl: string | undefined;
  /** `iss` of its assertions. */
  readonly issuer: string;
  /**
   * Decides by another policy from now on. Requests that are being decided are decided by the earlier one. Its assertions have the
   * same issuer and keys.
   *
   * @throws ConfigurationError for a policy that the service could not be started with; then the earlier one stays, and `/healthz` says so
   */
  use(policy: Policy): void;
  /** Answers what is being asked, for at most 5 seconds, and ends. Idempotent. */
  close(): Promise<void>;
  /** Like {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Decides for one server, by a policy. */
export interface DecisionService {
  /**
   * Listens.
   *
   * @throws Error if an address is taken; ConfigurationError for `assertion` options that can't sign (as rejections)
   */
  listen(): Promise<ListeningService>;
}

/**
 * Makes a service that decides for nginx, HAProxy, Caddy, Traefik or Envoy, by a policy. The server asks before it passes a request
 * on; what the service does not clearly allow is refused. `entra-guard authz` runs it, and `entra-guard policy config` prints the
 * server's configuration.
 *
 * ```ts
 * const service = createDecisionService({ policy: readPolicy(text), dialect: 'nginx' });
 * const { url, close } = await service.listen();
 * ```
 * @throws ConfigurationError for invalid options, and for applications without an audience
 */
export function createDecisionService(given: DecisionServiceOptions): DecisionService {
  const settings = readServiceOptions(given);
  const first = rulingOf(settings, settings.policy);
  let listening = false;
  return {
    async listen() {
      if (listening) throw new ConfigurationError('The service listens already.', 'Make another one.');
      listening = true;
      const running = new RunningService(settings, first);
      try {
        await running.listen();
      } catch (error) {
        await running.close();
        throw error;
      }
      return running;
    },
  };
}

/** What decides, and what comes with it. */
interface Ruling {
  readonly judge: Judge;
  readonly audiences: ReadonlyMap<string, string>;
}

function rulingOf({ guard, dialect, timeoutMs, log }: ServiceSettings, policy: Policy): Ruling {
  const audiences = audiencesOf(policy);
  const used = guard ?? guardOf(policy, log);
  try {
    return { judge: new Judge(policy, used, dialect, timeoutMs), audiences };
  } catch (error) {
    if (guard === undefined) void used.close();
    throw error;
  }
}

class RunningService implements ListeningService {
  readonly #settings: ServiceSettings;
  readonly #metrics = new ServiceMetrics(() => this.#ruling.judge);
  #ruling: Ruling;
  #problem: string | undefined;
  #service: Listening | undefined;
  #admin: Listening | undefined;
  #signer: AssertionSigner | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ServiceSettings, first: Ruling) {
    this.#settings = settings;
    this.#ruling = first;
  }

  async listen(): Promise<void> {
    const { listen, admin, assertion } = this.#settings;
    const { issuer } = assertion;
    if (issuer !== undefined) this.#signer = assertionSigner({ ...assertion, issuer });
    this.#service = await listenAt(listen, (request, response) => this.#answer(request, response));
    this.#signer ??= assertionSigner({ ...assertion, issuer: this.#service.url });
    if (admin === undefined) return;
    const signer = this.#signer;
    const facts = {
      signer,
      metrics: this.#metrics,
      health: () => this.#ruling.judge.guard.health(),
      policy: () => this.#policyFacts(),
    };
    this.#admin = await listenAt(admin, (request, response) => answerAdmin(facts, request, response));
  }

  get url(): string {
    return (this.#service as Listening).url;
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
      this.#ruling = rulingOf(this.#settings, policy);
    } catch (error) {
      this.#problem = 'A later policy can not be used.';
      throw error;
    }
    this.#problem = undefined;
    if (this.#settings.guard !== undefined) return;
    // Requests that it is deciding about get their answer first.
    setTimeout(() => void before.judge.guard.close(), 2 * this.#settings.timeoutMs).unref();
  }

  #policyFacts(): { readonly digest: string; readonly problem?: string } {
    const { digest } = this.#ruling.judge.policy;
    return this.#problem === undefined ? { digest } : { digest, problem: this.#problem };
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const { dialect, isTrusted } = this.#settings;
    if (!isTrusted(request)) return plain(response, 403);
    const endpoint = dialect.endpointOf(request);
    if (endpoint === undefined) return plain(response, 404);
    const ruling = this.#ruling;
    if (endpoint === 'refusal') return this.#answerRefusal(request, response, ruling);
    const begun = performance.now();
    const verdict = ruling.judge.decide(request);
    const write = (decided: Verdict): undefined => {
      this.#metrics.count(decided, (performance.now() - begun) / 1_000);
      this.#write(request, response, decided, ruling);
    };
    return 'allowed' in verdict ? write(verdict) : verdict.then(write);
  }

  async #answerRefusal(request: IncomingMessage, response: ServerResponse, { judge }: Ruling): Promise<void> {
    const { app, error = passesByNow() } = await judge.foresee(request);
    writeAnswer(request, response, judge.guard.toHttp(error), app);
  }

  #write(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Verdict,
    { judge, audiences }: Ruling,
  ): void {
    const { dialect } = this.#settings;
    if (verdict.allowed === true) {
      writeAllowed(request, response, this.#assertionFor(verdict, audiences), dialect, verdict.app);
      return;
    }
    const answer = judge.guard.toHttp(verdict.error);
    if (dialect.passesAnswers) writeAnswer(request, response, answer, verdict.app);
    else writeRefused(response, answer);
  }

  #assertionFor(
    { app, rule, auth }: Extract<Verdict, { allowed: true }>,
    audiences: ReadonlyMap<string, string>,
  ): string | undefined {
    const audience = audiences.get(app.name);
    return audience === undefined
      ? undefined
      : (this.#signer as AssertionSigner).sign(auth, { audience, rule: rule.path });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#service?.close(), this.#admin?.close()]);
    if (this.#settings.guard === undefined) await this.#ruling.judge.guard.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Says nothing of why: it was not a server in front that asked, or it was not a question. */
function plain(response: ServerResponse, status: 403 | 404): undefined {
  response.writeHead(status, { 'Cache-Control': 'no-store', 'Content-Length': 0 });
  response.end();
}

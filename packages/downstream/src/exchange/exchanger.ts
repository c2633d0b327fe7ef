import type { LogSink } from '@entra-guard/core';
import type { TokenAuthority } from '@entra-guard/core/downstream';
import { RememberedRefusals } from '../cache/remembered-refusals.js';
import type { GrantedToken } from '../cache/token-cache.js';
import type { Credential, Proof } from '../credential/credential.js';
import { claimsRequest } from './claims.js';
import type { Form, FormBase } from './form.js';
import { type Exchanged, post } from './post.js';
import { type Refusal, refusalOf } from './refusal.js';

/** A request to the token endpoint. */
export interface ExchangeRequest {
  /** The name of the other API. */
  readonly api: string;
  readonly authority: TokenAuthority;
  readonly tokenUrl: string;
  readonly scope: string;
  /** What the other API has demanded, as `readClaims` gives it. */
  readonly claims: string | undefined;
  /** Whether claims challenges are answered. */
  readonly cae: boolean;
  readonly form: (base: FormBase) => Form;
  /** Who asks, if that is an agent identity of this API. Default: this API. */
  readonly as?: { readonly clientId: string; readonly proof: () => Promise<Proof> };
  /** The agent identity that the answer is for; only for the first leg of its flows. */
  readonly fmiPath?: string;
}

/** Asks token endpoints, and remembers what is this API's own fault. */
export class Exchanger {
  readonly #credential: Credential;
  readonly #timeout: number;
  readonly #log: LogSink;
  /** Refusals that are this API's fault: all callers get them. */
  readonly #faults = new RememberedRefusals();
  /** Which of them were logged. */
  readonly #logged = new Set<string>();

  /** @param timeout in milliseconds */
  constructor(credential: Credential, timeout: number, log: LogSink) {
    this.#credential = credential;
    this.#timeout = timeout;
    this.#log = log;
  }

  /** What is wrong with this API's registration or credential, as far as Entra has said so within the last seconds. */
  faults(now: number): readonly Refusal[] {
    return this.#faults.all(now);
  }

  /** @throws UnavailableError without an answer, DownstreamError for a credential that gives no proof (as rejections) */
  async exchange(request: ExchangeRequest): Promise<GrantedToken | Refusal> {
    const { api, authority, tokenUrl } = request;
    const key = JSON.stringify([api, tokenUrl, request.scope, request.as?.clientId, request.fmiPath]);
    const known = this.#faults.get(key, authority.now());
    if (known !== undefined) return known;
    let answer = await this.#send(request);
    if (answer.kind === 'refused' && answer.error === 'invalid_client') {
      // A credential that was replaced meanwhile is read again, once.
      this.#credential.refused();
      answer = await this.#send(request);
    }
    if (answer.kind === 'granted') return answer;
    const refusal = refusalOf(answer, api);
    if (refusal.fault === 'app') this.#faults.set(key, refusal, authority.now());
    if (refusal.isOurs) this.#tell(api, refusal);
    return refusal;
  }

  async #send(request: ExchangeRequest): Promise<Exchanged> {
    const { authority, tokenUrl, scope, claims, cae, form, as, fmiPath } = request;
    const { clientId, cloud, now, fetch } = authority;
    const own = { clientId, tokenUrl, cloud, fmiPath, now, log: this.#log };
    const proof = as === undefined ? await this.#credential.proofFor(own) : await as.proof();
    const base = { clientId: as?.clientId ?? clientId, proof, scope, claims: claimsRequest(claims, cae) };
    return post(tokenUrl, form(base), { fetch, timeout: this.#timeout, now });
  }

  /** Once for each API and number: the cause lasts until it is corrected, and each caller gets the error. */
  #tell(api: string, refusal: Refusal): void {
    const what = `${api} ${refusal.aadsts}`;
    if (this.#logged.has(what)) return;
    this.#logged.add(what);
    const error = refusal.error(undefined) as Error & { readonly hint?: string };
    this.#log({
      level: 'error',
      event: 'downstream',
      code: 'downstream_misconfigured',
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

import { ownOptions } from '@entra-guard/core';
import { assertMembers, invalidOption } from '../directory/invalid-option.js';
import { html, json } from '../endpoints/answers.js';
import { claimsChallenge } from '../endpoints/claims-challenge.js';
import { assertFault, type Fault, type FaultOptions } from '../endpoints/faults.js';
import { Disconnected, hang } from '../endpoints/handler.js';
import type { ApiDemand, TimesOptions } from './local-api.js';
import { Pending } from './pending.js';

type Failure = (request: Request, closed: AbortSignal) => Promise<Response>;

/** What a local API does instead of answering: it fails, or demands another token. */
export class Interruptions {
  readonly #failures = new Pending<Failure>();
  readonly #challenges = new Pending<string>();

  /** @throws {LocalEntraError} `option_invalid` */
  fail(how: Fault, given: FaultOptions): () => void {
    assertFault(how);
    const { times, headers = {} } = read('fail', given, ['times', 'headers']);
    return this.#failures.add('fail', failure(how, headers), times);
  }

  /** @throws {LocalEntraError} `option_invalid` */
  challenge(demand: ApiDemand, given: TimesOptions): () => void {
    const { claims } = read('challenge', demand, ['claims']);
    if (!isObject(claims) || !isObject(claims.access_token)) {
      throw invalidOption(
        "challenge({ claims }) has no object access_token. Write what is demanded: challenge({ claims: { access_token: { acrs: { essential: true, value: 'c1' } } } }).",
      );
    }
    const { times } = read('challenge', given, ['times']);
    return this.#challenges.add('challenge', claimsChallenge(claims), times);
  }

  nextFailure(): Failure | undefined {
    return this.#failures.next();
  }

  nextChallenge(): Response | undefined {
    const header = this.#challenges.next();
    if (header === undefined) return undefined;
    return json({ error: 'insufficient_claims' }, 401, { 'www-authenticate': header });
  }
}

function failure(how: Fault, headers: Readonly<Record<string, string>>): Failure {
  if (how === 'hang') return (request, closed) => hang(request.signal, closed);
  if (how === 'garbage') return async () => html('<h1>Sorry, but we’re having trouble.</h1>');
  if (how === 'disconnect') {
    return async () => {
      throw new Disconnected('The connection was closed, as asked with fail(…).');
    };
  }
  if (how === 204 || how === 205 || how === 304)
    return async () => new Response(null, { status: how, headers });
  return async () => json({ error: `asked for with fail(${how}, …)` }, how, headers);
}

function read<T extends object>(call: string, given: T, names: readonly string[]): T {
  const options = ownOptions(`${call}(...)`, given, names);
  assertMembers(`${call}(…)`, options, names);
  return options;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

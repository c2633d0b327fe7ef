import { randomUUID } from 'node:crypto';
import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { OAuthError } from '../endpoints/oauth-error.js';
import type { App } from './apps.js';
import { guidOf } from './guid.js';

/** What a policy demands of a token request. */
export interface ConditionalAccessOptions {
  /**
   * The claims request that satisfies the policy: `{ access_token: { acrs: { essential: true, value: 'c1' } } }`. Default:
   * nothing does, access is blocked (AADSTS53003).
   */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Who asks for a token, and for which API. */
export interface Asked {
  readonly oid: string;
  readonly clientId: string;
  readonly api: App;
}

/** One demand. */
export interface Policy {
  readonly id: string;
  /** Object ID of a user, or client ID of an app that acts for users. */
  readonly subject: string;
  /** Client ID of the API; `undefined` for all. */
  readonly api: string | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** Conditional Access of one local Entra. Applies to tokens for users; app-only tokens are untouched. */
export class ConditionalAccess {
  readonly #policies = new Set<Policy>();

  list(): readonly Policy[] {
    return [...this.#policies];
  }

  /** Lifts a policy. @returns whether there was one */
  lift(id: string): boolean {
    const found = this.list().find((policy) => policy.id === id);
    return found !== undefined && this.#policies.delete(found);
  }

  /**
   * @param subject object ID of a user, or client ID of an app that acts for users
   * @param api client ID of the API. Default all
   * @returns a function that lifts it
   * @throws ConfigurationError for unknown options, and for claims that are not an object
   */
  demand(subject: string, api: string | undefined, given: ConditionalAccessOptions = {}): () => void {
    const options = ownOptions('entra.conditionalAccess(...)', given, ['claims']);
    const unknown = Object.keys(options).find((name) => name !== 'claims');
    if (unknown !== undefined) {
      throw new ConfigurationError(
        `entra.conditionalAccess(...) has no option "${unknown}".`,
        'It has claims: the claims request that satisfies the policy.',
      );
    }
    const { claims } = options;
    if (claims !== undefined && (typeof claims !== 'object' || claims === null || Array.isArray(claims))) {
      throw new ConfigurationError(
        `entra.conditionalAccess(...): claims is ${typeof claims}.`,
        "Pass the claims request as an object: { access_token: { acrs: { essential: true, value: 'c1' } } }.",
      );
    }
    const policy: Policy = { id: randomUUID(), subject, api, claims };
    this.#policies.add(policy);
    return () => {
      this.#policies.delete(policy);
    };
  }

  /**
   * Finds what a sign-in has to do before a token request would be accepted. Ends no policy.
   *
   * @param claims the request's `claims` parameter, JSON text
   * @returns the claims request that satisfies the first policy that is not satisfied yet
   * @throws {OAuthError} 53003 if nothing satisfies a policy
   */
  unmet(asked: Asked, claims: string | undefined): Readonly<Record<string, unknown>> | undefined {
    for (const policy of this.#about(asked)) {
      if (policy.claims === undefined) throw blocked(policy);
      if (!carries(claims, policy.claims)) return policy.claims;
    }
    return undefined;
  }

  /**
   * Refuses a token request that does not carry what a policy demands. A request that does ends the policy.
   *
   * @param claims the request's `claims` parameter, JSON text
   * @throws {OAuthError} AADSTS50076 with `claims` and `suberror`; 53003 if nothing satisfies the policy
   */
  assertSatisfied(asked: Asked, claims: string | undefined): void {
    const { api } = asked;
    for (const policy of this.#about(asked)) {
      if (policy.claims === undefined) throw blocked(policy);
      if (!carries(claims, policy.claims)) {
        throw new OAuthError(
          'invalid_grant',
          50076,
          `Due to a configuration change made by your administrator, you must use multi-factor authentication to access '${api.clientId}'.`,
          400,
          { suberror: 'basic_action', claims: JSON.stringify(policy.claims) },
        );
      }
      this.#policies.delete(policy);
    }
  }

  #about({ oid, clientId, api }: Asked): readonly Policy[] {
    return [...this.#policies].filter(
      (policy) =>
        (policy.subject === oid || policy.subject === clientId) &&
        (policy.api === undefined || policy.api === api.clientId),
    );
  }
}

function blocked(policy: Policy): OAuthError {
  return new OAuthError(
    'invalid_grant',
    53003,
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    400,
    { suberror: 'message_only', claims: blockedBy(policy) },
  );
}

/** Returns the claims that name the policy, as Entra adds them to a block. A request that carries them is blocked too. */
function blockedBy({ subject, api = 'all' }: Policy): string {
  const values = [guidOf('policy', `${subject} ${api}`)];
  return JSON.stringify({ access_token: { capolids: { essential: true, values } } });
}

/** Tells whether a claims request has every claim that is demanded, with one of its values. */
function carries(request: string | undefined, demanded: Readonly<Record<string, unknown>>): boolean {
  const carried = request === undefined ? undefined : parse(request);
  return Object.entries(membersOf(demanded.access_token)).every(([name, demand]) => {
    const found = valuesOf(membersOf(membersOf(carried).access_token)[name]);
    const wanted = valuesOf(demand);
    return found !== undefined && (wanted ?? []).every((value) => found.includes(value));
  });
}

function valuesOf(claim: unknown): readonly unknown[] | undefined {
  const { value, values } = membersOf(claim);
  if (Array.isArray(values)) return values;
  return value === undefined ? (claim === undefined ? undefined : []) : [value];
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { IncomingMessage } from 'node:http';
import {
  AuthContext,
  EntraGuardError,
  type Guard,
  KeysUnavailableError,
  type RequestLike,
} from '@entra-guard/core';
import { type ForwardAuth, forwardAuthOf } from '@entra-guard/core/assertion';
import type { Dialect } from '../dialects/dialect.js';
import { assertUnambiguous } from '../headers/asked-headers.js';
import type { Policy, PolicyApp, PolicyRule } from '../policy/policy.js';
import type { Verdict } from './verdict.js';

/** A rule that was found for a request. */
export interface Found {
  readonly app: PolicyApp;
  readonly rule: PolicyRule;
}

/** A request that no rule decides about, or that is refused ahead of its rule. */
export type Refused = Extract<Verdict, { allowed: false }>;

/** How a request is read: as a server in front tells of it, or as it came. */
export type AskedBy = Pick<Dialect, 'read' | 'remains'>;

/** Decides about requests, by one policy. */
export class Judge {
  readonly policy: Policy;
  readonly guard: Guard;
  readonly #dialect: AskedBy;
  readonly #timeoutMs: number;
  readonly #parts: ForwardAuth;

  constructor(policy: Policy, guard: Guard, dialect: AskedBy, timeoutMs: number) {
    this.policy = policy;
    this.guard = guard;
    this.#dialect = dialect;
    this.#timeoutMs = timeoutMs;
    this.#parts = forwardAuthOf(guard);
    for (const { rules } of policy.apps)
      for (const { requirement, path } of rules) guard.declare(requirement, path);
  }

  /**
   * Decides, and lets the guard record it: at once for a token that was accepted before. Never throws, and never rejects.
   */
  decide(request: IncomingMessage): Verdict | Promise<Verdict> {
    const found = this.find(request);
    return 'error' in found ? this.refuse(request, found) : this.decideBy(found, request);
  }

  /** Lets the guard record that a request is refused without a decision of its rule. */
  refuse(request: RequestLike, refused: Refused): Refused {
    const { error, rule } = refused;
    if (EntraGuardError.is(error)) {
      this.#parts.refuse(request, error, rule === undefined ? {} : { handler: rule.path });
    }
    return refused;
  }

  /**
   * Decides by a rule. Never throws, and never rejects.
   *
   * @param request who calls
   */
  decideBy(found: Found, request: RequestLike): Verdict | Promise<Verdict> {
    const { rule } = found;
    try {
      const decided = this.guard.decide(request, rule.requirement, { handler: rule.path });
      return decided === undefined || AuthContext.is(decided)
        ? allowed(found, decided)
        : this.#later(found, decided);
    } catch (error) {
      return refused(found, error);
    }
  }

  async #later(found: Found, decided: Promise<AuthContext | undefined>): Promise<Verdict> {
    try {
      return allowed(found, await this.inTime(decided));
    } catch (error) {
      return refused(found, error);
    }
  }

  /**
   * Says why a request is refused, and neither logs nor records it.
   *
   * @returns `undefined` in place of an error if it would pass by now
   */
  async foresee(
    request: IncomingMessage,
  ): Promise<{ readonly app: PolicyApp | undefined; readonly error: unknown }> {
    const found = this.find(request);
    if ('error' in found) return found;
    const { app, rule } = found;
    try {
      return { app, error: await this.inTime(this.#parts.foresee(request, rule.requirement)) };
    } catch (error) {
      return { app, error };
    }
  }

  /** Finds the rule for a request, and refuses what is not clear. Records nothing. */
  find(request: IncomingMessage): Found | Refused {
    let app: PolicyApp | undefined;
    try {
      const asked = this.#dialect.read(request);
      const match = this.policy.match(asked);
      ({ app } = match);
      assertUnambiguous(request.rawHeaders, this.#dialect.remains);
      if (match.rule !== undefined) return { app: match.app, rule: match.rule };
      return refused({ app, rule: undefined }, match.error);
    } catch (error) {
      return refused({ app, rule: undefined }, error);
    }
  }

  /** Waits for a decision, or what it needs, for a limited time. @throws KeysUnavailableError after that */
  async inTime<T>(decided: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLate(this.#timeoutMs)), this.#timeoutMs);
    });
    try {
      return await Promise.race([decided, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Only a caller of the core passes; and none, where the rule is open to every caller. */
function allowed(found: Found, auth: AuthContext | undefined): Verdict {
  const passes = found.rule.requirement.role === 'anonymous' ? auth === undefined : AuthContext.is(auth);
  return passes
    ? { allowed: true, ...found, auth }
    : refused(found, new Error('The guard gave what is not a caller.'));
}

function refused(
  { app, rule }: { readonly app: PolicyApp | undefined; readonly rule: PolicyRule | undefined },
  error: unknown,
): Refused {
  return { allowed: false, app, rule, error };
}

function tooLate(timeoutMs: number): KeysUnavailableError {
  return new KeysUnavailableError({
    message: `It was not decided within ${timeoutMs} ms.`,
    hint: 'The authority answers slowly, or not at all: see /readyz of the admin listener.',
    retryAfter: 1,
  });
}

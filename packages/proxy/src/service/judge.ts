import type { IncomingMessage } from 'node:http';
import { AuthContext, EntraGuardError, type Guard, KeysUnavailableError } from '@entra-guard/core';
import { type ForwardAuth, forwardAuthOf } from '@entra-guard/core/assertion';
import type { Dialect } from '../dialects/dialect.js';
import { assertUnambiguous } from '../headers/asked-headers.js';
import type { Policy, PolicyApp, PolicyRule } from '../policy/policy.js';
import type { Verdict } from './verdict.js';

/** A rule that was found for a request. */
interface Found {
  readonly app: PolicyApp;
  readonly rule: PolicyRule;
}

/** Decides about the requests that a server asks about, by one policy. */
export class Judge {
  readonly policy: Policy;
  readonly guard: Guard;
  readonly #dialect: Dialect;
  readonly #timeoutMs: number;
  readonly #parts: ForwardAuth;

  constructor(policy: Policy, guard: Guard, dialect: Dialect, timeoutMs: number) {
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
    const found = this.#find(request);
    if ('error' in found) {
      if (EntraGuardError.is(found.error)) this.#parts.refuse(request, found.error);
      return found;
    }
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
      return allowed(found, await this.#inTime(decided));
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
    const found = this.#find(request);
    if ('error' in found) return found;
    const { app, rule } = found;
    try {
      return { app, error: await this.#inTime(this.#parts.foresee(request, rule.requirement)) };
    } catch (error) {
      return { app, error };
    }
  }

  #find(request: IncomingMessage): Found | Extract<Verdict, { allowed: false }> {
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

  async #inTime<T>(decided: Promise<T>): Promise<T> {
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
): Extract<Verdict, { allowed: false }> {
  return { allowed: false, app, rule, error };
}

function tooLate(timeoutMs: number): KeysUnavailableError {
  return new KeysUnavailableError({
    message: `It was not decided within ${timeoutMs} ms.`,
    hint: 'The authority answers slowly, or not at all: see /readyz of the admin listener.',
    retryAfter: 1,
  });
}

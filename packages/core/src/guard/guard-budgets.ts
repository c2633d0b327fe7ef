import { createHash } from 'node:crypto';
import { ConfigurationError, EntraGuardError, LimitError, UnavailableError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { printable, printableOptions } from '../base/printable.js';
import { isAgentInvolved } from '../caller/agent-involved.js';
import { agentKey } from '../caller/agent-key.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { Budget, BudgetStore, Spent } from '../options/budgets.js';
import type { LimitNode } from '../requirements/kinds/limit.js';
import { leavesOf } from '../requirements/kinds.js';
import type { Requirement } from '../requirements/requirement.js';

const METHODS = ['spend', 'health', 'close'] as const satisfies readonly (keyof BudgetStore)[];

/** Counts the calls that requirements limit, in the store of the setting `budgets`. */
export class GuardBudgets {
  readonly store: BudgetStore | undefined;

  /**
   * @param given the setting. It may be the application's own store, so it is used as it is
   * @throws ConfigurationError for what has not all that a guard needs
   */
  constructor(given: unknown) {
    if (given !== undefined) assertStore(given);
    this.store = given as BudgetStore | undefined;
  }

  /**
   * Refuses a requirement that counts calls where they can't be counted.
   *
   * @throws ConfigurationError
   */
  assertCountable({ node }: Requirement): void {
    if (this.store === undefined && leavesOf(node).some(({ kind }) => kind === 'limit')) throw uncountable();
  }

  /**
   * Counts one call.
   *
   * @throws LimitError where the budget is used up; UnavailableError where it can't be counted; ConfigurationError without a store (as
   * rejections)
   */
  async spend(requirement: Requirement, limit: LimitNode, auth: AuthContext): Promise<void> {
    if (this.store === undefined) throw uncountable();
    const spent = await ask(this.store, budgetOf(requirement, limit, auth));
    if (ownMember(spent, 'granted') === true) return;
    const after = ownMember(spent as Extract<Spent, { granted: false }>, 'retryAfterSeconds');
    throw new LimitError({
      message: `The caller has used up limit({ calls: ${limit.calls} }) of ${requirement}.`,
      hint: 'The caller may come back after the time in Retry-After. To grant more, raise the limit.',
      retryAfter: typeof after === 'number' && Number.isFinite(after) ? after : limit.seconds,
    });
  }
}

/** Asks the store. Anything but its own refusals and an answer counts as a failure of the store. */
async function ask(store: BudgetStore, budget: Budget): Promise<Spent> {
  let given: unknown;
  try {
    given = await store.spend(budget);
  } catch (cause) {
    if (EntraGuardError.is(cause)) throw cause;
    throw failed('threw instead of counting a call', cause);
  }
  const granted =
    typeof given === 'object' && given !== null ? ownMember(given as Spent, 'granted') : undefined;
  if (granted === true || granted === false) return given as Spent;
  throw failed(`gave ${printableOptions(given)} instead of { granted }`);
}

/** The budget that a call is counted in. Its key is a digest, so that a store holds no personal data. */
function budgetOf(requirement: Requirement, { calls, seconds, by }: LimitNode, auth: AuthContext): Budget {
  const text = JSON.stringify(['limit', 1, String(requirement), calls, seconds, by, whose(by, auth)]);
  return { key: createHash('sha256').update(text).digest('base64url'), calls, seconds };
}

function whose(by: LimitNode['by'], auth: AuthContext): string {
  const { tenantId, clientId } = auth;
  if (by === 'tenant') return tenantId;
  if (by === 'client' || (by === 'agent' && isAgentInvolved(auth) !== false))
    return `${tenantId}/${clientId}`;
  return agentKey(auth);
}

function assertStore(given: unknown): void {
  const store = Object(given) as Partial<BudgetStore>;
  const missing = METHODS.find((name) => typeof store[name] !== 'function');
  if (missing === undefined) return;
  throw new ConfigurationError(
    `budgets is ${printable(given)} without the method ${missing}.`,
    'Pass a store: memoryBudgets(), or redisBudgets(...) of @entra-guard/redis.',
  );
}

function uncountable(): ConfigurationError {
  return new ConfigurationError(
    'The requirement has limit(...), and the guard has no place to count calls in.',
    'Give the guard the setting budgets: memoryBudgets(), or redisBudgets(...) of @entra-guard/redis for more than one process.',
  );
}

function failed(how: string, cause?: unknown): UnavailableError {
  return new UnavailableError({
    part: 'budgets',
    message: `The store of the setting budgets ${how}.`,
    hint: 'No call passes that it does not count. See the cause.',
    retryAfter: 5,
    cause,
  });
}

import {
  type Anonymous,
  allOf,
  authContext,
  createGuard,
  type DecisionEvent,
  EntraGuardError,
  type Grant,
  type Guard,
  type GuardSettings,
  onEvent,
  scopes,
} from '@entra-guard/core';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { onTestFinished } from 'vitest';

type Headers = Readonly<Record<string, string>>;

/** One request, as an adapter hands it to the guard. */
export interface Call {
  readonly headers?: Headers;
  readonly requirement?: Grant | Anonymous;
  readonly handler?: string;
}

/** A guard over a local Entra of its own, and what a test does with it. */
export interface Guarded {
  readonly entra: InProcessEntra;
  readonly guard: Guard;
  /** Sends a request through the guard: `allowed`, or the code of the refusal. */
  call(call?: Call): Promise<string>;
  /** The event of one request. */
  eventOf(call?: Call): Promise<DecisionEvent>;
}

export const ordersRead = scopes('Orders.Read').because('sales works with orders');
export const stepUp = allOf(scopes('Orders.Read'), authContext('c1'));

/** One for all tests of a file: its keys take longer to make than anything here takes to test. */
let localEntra: Promise<InProcessEntra> | undefined;

/** A guard that knows no keys yet. Closed when the test ends. */
export async function guarded(settings: GuardSettings = {}): Promise<Guarded> {
  localEntra ??= startEntra();
  const entra = await localEntra;
  const guard = createGuard({
    ...entra.options(),
    ...settings,
    owner: { team: 'orders', contact: 'orders@contoso.example' },
    log: false,
  });
  onTestFinished(() => guard.close());
  const call = async ({ headers = {}, requirement = ordersRead, handler = 'GET /orders' }: Call = {}) => {
    try {
      await guard.require({ method: 'GET', headers }, requirement, { handler });
      return 'allowed';
    } catch (error) {
      if (EntraGuardError.is(error)) return error.code;
      throw error;
    }
  };
  const eventOf = async (what?: Call) => {
    const events: DecisionEvent[] = [];
    const stop = onEvent((event) => events.push(event), { types: ['decision'] });
    await call(what);
    stop();
    const [event] = events;
    if (event === undefined || events.length > 1) throw new Error(`${events.length} events`);
    return event;
  };
  return { entra, guard, call, eventOf };
}

/** Whether any part of a token that could be used, or read as its claims, is in a text. */
export function holdsToken(text: string, token: string): boolean {
  return token.split('.').some((part) => part !== '' && text.includes(part));
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  allOf,
  type DecisionEvent,
  entraGuard,
  type LogEntry,
  onEvent,
  scopes,
  tighten,
  userRoles,
} from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import { ask } from './ask.js';

/** One request of the day, and what came of it. */
export interface Moment {
  /** UTC: `09:00`. */
  readonly time: string;
  readonly who: string;
  readonly status: number;
  /** What the audit event says. */
  readonly event: string;
  readonly asExpected: boolean;
}

/** A day in which a rule becomes stricter. */
export interface StricterDay {
  /** The rule, as it is written in code. */
  readonly rule: string;
  readonly moments: readonly Moment[];
  /** What the log warned of: before the switch, and after it. */
  readonly warnings: readonly LogEntry[];
}

const until = new Date('2030-01-31T00:00:00Z');
const auditors = ['Orders.Auditor'];

/** At what time who calls with which roles; the expected status, and the code in the audit event. */
const day: readonly (readonly [time: string, who: string, roles: readonly string[], expected: string])[] = [
  ['2030-01-30T09:00Z', 'ada', [], '200 role_missing'],
  ['2030-01-30T09:30Z', 'alan, auditor', auditors, '200'],
  ['2030-01-30T14:00Z', 'grace', [], '200 role_missing'],
  ['2030-01-30T15:00Z', 'grace, now auditor', auditors, '200'],
  ['2030-01-30T23:59Z', 'ada', [], '200 role_missing'],
  ['2030-01-31T00:00Z', 'ada', [], '403 role_missing'],
  ['2030-01-31T00:01Z', 'grace, now auditor', auditors, '200'],
];

/** Serves one route whose rule becomes stricter at midnight, and calls it through the day, on a simulated clock. */
export async function becomeStricter(): Promise<StricterDay> {
  let now = until.getTime() - 86_400_000;
  const entra = await startEntra({ now: () => now });
  const warnings: LogEntry[] = [];
  const guard = entraGuard({
    ...entra.options(),
    log: (entry) => {
      if (entry.event === 'configuration') warnings.push(entry);
    },
  });
  const read = scopes('Orders.Read');
  const rule = tighten(read, allOf(read, userRoles('Orders.Auditor')), { until });
  const check = guard.require(rule);
  const server = createServer((request, response) => check(request, response, () => response.end()));
  let decision: DecisionEvent | undefined;
  const stop = onEvent(
    (event) => {
      decision = event;
    },
    { types: ['decision'] },
  );
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const moments: Moment[] = [];
    for (const [time, who, roles, expected] of day) {
      now = Date.parse(time);
      const { token } = entra.user(who.split(',')[0] as string, { scp: 'Orders.Read', roles });
      const authorization = [`Bearer ${token}`];
      const { status } = await ask(origin, { method: 'GET', path: '/orders/export', authorization });
      const code = decision?.trial?.code ?? decision?.code;
      const asExpected = [status, code].filter((part) => part !== undefined).join(' ') === expected;
      moments.push({ time: time.slice(11, 16), who, status, event: inWords(decision), asExpected });
    }
    return { rule: rule.toString(), moments, warnings };
  } finally {
    stop();
    server.close();
    await guard.close();
    await entra.close();
  }
}

function inWords(decision: DecisionEvent | undefined): string {
  if (decision === undefined) return 'none';
  const { outcome, code, trial } = decision;
  if (trial === undefined) return code === undefined ? outcome : `${outcome} ${code}`;
  return `${outcome}, trial: ${trial.code}, missing: ${trial.missing.join(', ')}`;
}

import { consoleLog, type LogSink } from '@entra-guard/core';
import { limitedLog } from '@entra-guard/core/assertion';
import { codeOf, type FailureReason } from '../forward/gateway-failure.js';
import type { PolicyApp } from '../policy/policy.js';

/** Tells the operator that an application gave no whole answer. */
export type FailureLog = (app: PolicyApp, reason: FailureReason, error: unknown) => void;

const FOUND: Readonly<Record<FailureReason, string>> = {
  unreachable: 'can not be reached',
  timeout: 'did not answer in time',
  broken: 'broke its answer off, or the connection',
};
const HINT: Readonly<Record<FailureReason, string>> = {
  unreachable: 'Start it, or correct its upstream in the policy.',
  timeout:
    'See what it waits for, or give it more time: the option upstream.headers or upstream.idle of the proxy.',
  broken:
    'Look for the reason in its own log. A TLS error means that its certificate does not fit its upstream.',
};

/** Makes a log of failures: at most five entries a minute for one application. */
export function failureLog(log: LogSink | false | undefined): FailureLog {
  const write = limitedLog(log ?? consoleLog, Date.now);
  return ({ name, upstream, owner }, reason, error) => {
    const contact = owner?.onCall ?? owner?.contact;
    write({
      level: 'error',
      event: 'upstream',
      message: `apps.${name} at ${upstream} ${FOUND[reason]}.`,
      cause: codeOf(error),
      handler: name,
      hint: HINT[reason],
      ...(owner === undefined
        ? {}
        : { owner: contact === undefined ? owner.team : `${owner.team} (${contact})` }),
    });
  };
}

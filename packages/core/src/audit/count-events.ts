import { isOurFault } from '../base/code-status.js';
import type { KeyEvent } from '../keys/documents/key-events.js';
import type { DecisionEvent } from './decision-event.js';
import { recognise } from './known-event.js';
import { ATTRIBUTES, METRICS } from './telemetry-names.js';

/** The part of an OpenTelemetry `Meter` that is used. */
export interface EventMeter {
  createCounter(
    name: string,
    options: { readonly description: string; readonly unit: string },
  ): { add(value: number, attributes: Record<string, string>): void };
  /** Without it, lengths of time are not measured. */
  createHistogram?(
    name: string,
    options: { readonly description: string; readonly unit: string },
  ): { record(value: number): void };
}

const OTHER = 'other';
/**
 * An OpenTelemetry SDK keeps 2000 sets of attributes per counter by default and then drops all attributes (Metrics SDK,
 * "Cardinality limits"). Handlers times codes could exceed that. So `handler` becomes `other` well before, and outcome,
 * code and kind stay correct.
 */
const MAX_SERIES = 1500;
const MAX_EVENT_TYPES = 50;

/**
 * Returns a function that counts events. Tenants, users, clients and URLs are never attributes, so that callers can't make
 * the number of series grow.
 *
 * @param handlers how many handlers are told apart
 */
export function countEvents(meter: EventMeter, handlers: number): (event: unknown) => void {
  const counter = ({ name, unit, description }: (typeof METRICS)[keyof typeof METRICS]) =>
    meter.createCounter(name, { unit, description });
  const decisions = counter(METRICS.decisions);
  const trialDenials = counter(METRICS.trialDenials);
  const keyChanges = counter(METRICS.keyChanges);
  const revocationChanges = counter(METRICS.revocationChanges);
  const { name, ...described } = METRICS.revocationLag;
  const approvalChanges = counter(METRICS.approvalChanges);
  const revocationLag = meter.createHistogram?.(name, described);
  const unread = counter(METRICS.unread);
  const decisionHandler = boundedHandlers(handlers);
  const trialHandler = boundedHandlers(handlers);
  const types = new Set<string>();
  return (given) => {
    const { type, event } = recognise(given);
    if (event === undefined) {
      if (types.size < MAX_EVENT_TYPES) types.add(type);
      unread.add(1, { [ATTRIBUTES.eventType]: types.has(type) ? type : OTHER });
    } else if (event.type === 'keys') {
      keyChanges.add(1, keyAttributes(event));
    } else if (event.type === 'revocation') {
      revocationChanges.add(1, { [ATTRIBUTES.revocationChange]: event.change });
      if (event.change === 'applied') revocationLag?.record(event.lagMs);
    } else if (event.type === 'approval') {
      approvalChanges.add(1, { [ATTRIBUTES.approvalChange]: event.change });
    } else {
      const { code, who, handler, trial } = event;
      decisions.add(1, {
        ...decisionAttributes(event),
        ...decisionHandler(handler, `${code ?? ''} ${who?.kind ?? ''}`),
      });
      if (trial === undefined) return;
      trialDenials.add(1, { [ATTRIBUTES.code]: trial.code, ...trialHandler(handler, trial.code) });
    }
  };
}

function decisionAttributes({ outcome, code, who }: DecisionEvent): Record<string, string> {
  return {
    [ATTRIBUTES.outcome]: outcome,
    ...(code === undefined ? {} : { [ATTRIBUTES.code]: code }),
    // What has no code of ours is `_OTHER`, as OpenTelemetry's conventions for error.type say.
    ...(outcome === 'deny' && isOurFault(code) ? { [ATTRIBUTES.errorType]: code ?? '_OTHER' } : {}),
    ...(who === undefined ? {} : { [ATTRIBUTES.kind]: who.kind }),
  };
}

function keyAttributes(event: KeyEvent): Record<string, string> {
  return {
    [ATTRIBUTES.change]: event.change,
    [ATTRIBUTES.document]: event.document,
    ...(event.change === 'stale' ? {} : { [ATTRIBUTES.why]: event.why }),
  };
}

/**
 * Returns a function that gives the attribute for a handler. The number of different results is bounded, in all and with the
 * rest of the attributes.
 */
function boundedHandlers(
  maxHandlers: number,
): (handler: string | undefined, rest: string) => Record<string, string> {
  const names = new Set<string>();
  const series = new Set<string>();
  return (handler, rest) => {
    if (handler === undefined) return {};
    const key = `${rest} ${handler}`;
    if (!series.has(key)) {
      if (series.size >= MAX_SERIES || (!names.has(handler) && names.size >= maxHandlers)) {
        return { [ATTRIBUTES.handler]: OTHER };
      }
      names.add(handler);
      series.add(key);
    }
    return { [ATTRIBUTES.handler]: handler };
  };
}

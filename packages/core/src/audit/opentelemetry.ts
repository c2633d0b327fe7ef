import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import type { DecisionEvent } from './decision-event.js';
import { subscribe } from './subscribe.js';

/** The part of an OpenTelemetry `Meter` that is used. */
export interface DecisionMeter {
  createCounter(
    name: string,
    options: { readonly description: string; readonly unit: string },
  ): { add(value: number, attributes: Record<string, string>): void };
}

/** Options of {@link countDecisions}. */
export interface CountDecisionsOptions {
  /** How many handlers are counted separately; further ones are counted as `other`. From 0 to 1000, default 200. */
  readonly handlers?: number;
}

const OTHER = 'other';
/**
 * An OpenTelemetry SDK keeps 2000 sets of attributes per counter by default and then drops all attributes (Metrics SDK,
 * "Cardinality limits"). Handlers times codes could exceed that. So `handler` becomes `other` well before, and outcome,
 * code and kind stay correct.
 */
const MAX_SERIES = 1500;

/**
 * Counts decisions in `entra_guard.decisions`, by `outcome`, `code` (of a denial), `kind` (of a verified caller) and
 * `handler`. Tenants, users and clients are never attributes, so that callers can't make the number of series grow.
 *
 * ```ts
 * const stop = countDecisions(metrics.getMeter('orders-api'));
 * ```
 * @returns a function that ends it
 * @throws ConfigurationError if `handlers` is not a whole number from 0 to 1000
 */
export function countDecisions(meter: DecisionMeter, options: CountDecisionsOptions = {}): () => void {
  const { handlers = 200 } = ownOptions('countDecisions()', options);
  if (!Number.isInteger(handlers) || handlers < 0 || handlers > 1000) {
    throw new ConfigurationError(
      `countDecisions: handlers is ${String(handlers)}.`,
      'Give a whole number from 0 to 1000: how many handlers are counted separately.',
    );
  }
  const counter = meter.createCounter('entra_guard.decisions', {
    description: 'Decisions about who may call, by outcome',
    unit: '{decision}',
  });
  const attributesOf = boundedAttributes(handlers);
  return subscribe('countDecisions', (event) => counter.add(1, attributesOf(event)));
}

/** Returns a function that gives the attributes for an event. The number of different results is bounded. */
function boundedAttributes(maxHandlers: number): (event: DecisionEvent) => Record<string, string> {
  const names = new Set<string>();
  const series = new Set<string>();
  return ({ outcome, code, who, handler }) => {
    const closed = {
      outcome,
      ...(code === undefined ? {} : { code }),
      ...(who === undefined ? {} : { kind: who.kind }),
    };
    if (handler === undefined) return closed;
    const key = `${code ?? ''} ${who?.kind ?? ''} ${handler}`;
    if (!series.has(key)) {
      if (series.size >= MAX_SERIES || (!names.has(handler) && names.size >= maxHandlers)) {
        return { ...closed, handler: OTHER };
      }
      names.add(handler);
      series.add(key);
    }
    return { ...closed, handler };
  };
}

/** The part of OpenTelemetry's `trace` that is used. */
export interface ActiveSpans {
  getActiveSpan(): { setAttributes(attributes: Record<string, string | string[]>): unknown } | undefined;
}

/** Which identifiers {@link annotateSpans} copies. None by default: many people read traces, and they are kept for long. */
export interface AnnotateSpansOptions {
  /** A verified user's object ID as `enduser.id`, which OpenTelemetry calls sensitive. Default `false`. */
  readonly user?: boolean;
  /** The verified caller's tenant as `entra_guard.tenant_id`. Default `false`. */
  readonly tenant?: boolean;
  /** The verified caller's client application as `entra_guard.client_id`. Default `false`. */
  readonly client?: boolean;
}

/**
 * Writes each decision on the span in which it is made: `entra_guard.outcome`, `.code`, `.kind`, `.handler`,
 * `.requirement` and `.reasons`. If one span has several decisions, the last one shows, but a denial is never
 * overwritten by an "allow".
 *
 * ```ts
 * const stop = annotateSpans(trace, { tenant: true });
 * ```
 * @returns a function that ends it
 */
export function annotateSpans(trace: ActiveSpans, given: AnnotateSpansOptions = {}): () => void {
  const options = ownOptions('annotateSpans()', given);
  // Attributes can't be removed: an "allow" after a denial would leave the denial's code on the span.
  const denied = new WeakSet<object>();
  return subscribe('annotateSpans', (event) => {
    const span = trace.getActiveSpan();
    if (span === undefined || (event.outcome === 'allow' && denied.has(span))) return;
    if (event.outcome === 'deny') denied.add(span);
    span.setAttributes({ ...decisionAttributes(event), ...callerAttributes(event, options) });
  });
}

function decisionAttributes(event: DecisionEvent): Record<string, string | string[]> {
  return {
    'entra_guard.outcome': event.outcome,
    ...(event.code === undefined ? {} : { 'entra_guard.code': event.code }),
    ...(event.who === undefined ? {} : { 'entra_guard.kind': event.who.kind }),
    ...(event.handler === undefined ? {} : { 'entra_guard.handler': event.handler }),
    ...(event.requirement === undefined ? {} : { 'entra_guard.requirement': event.requirement }),
    ...(event.reasons.length === 0 ? {} : { 'entra_guard.reasons': [...event.reasons] }),
  };
}

/** Returns the attributes of a verified caller. `enduser.id` is for users only: a service principal is not an end user. */
function callerAttributes({ who }: DecisionEvent, options: AnnotateSpansOptions): Record<string, string> {
  if (who === undefined) return {};
  return {
    ...(options.user && who.kind === 'user' ? { 'enduser.id': who.objectId ?? who.subjectKey } : {}),
    ...(options.tenant ? { 'entra_guard.tenant_id': who.tenantId } : {}),
    ...(options.client ? { 'entra_guard.client_id': who.clientId } : {}),
  };
}

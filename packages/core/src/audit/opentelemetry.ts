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

/** What {@link countDecisions} tells apart. */
export interface CountDecisionsOptions {
  /** How many handlers are told apart; further ones are counted as `other`. Default 200, at most 1000. */
  readonly handlers?: number;
}

const OTHER = 'other';
/**
 * Handlers times codes would be more than the 2000 sets of attributes that an OpenTelemetry SDK keeps of one counter by
 * default (Metrics SDK, "Cardinality limits"). Past that the SDK drops all attributes; well before, we drop the handler,
 * and outcome, code and kind stay right.
 */
const MAX_SERIES = 1500;

/**
 * Counts decisions in `entra_guard.decisions`, by `outcome`, `code` (of a denial), `kind` (of a verified caller) and
 * `handler`. Tenants, users and clients are never attributes, so that nobody outside can make the series grow.
 *
 * ```ts
 * const stop = countDecisions(metrics.getMeter('orders-api'));
 * ```
 * @returns a function that ends it
 * @throws ConfigurationError for a number of handlers that can't be right
 */
export function countDecisions(meter: DecisionMeter, options: CountDecisionsOptions = {}): () => void {
  const { handlers = 200 } = ownOptions('countDecisions()', options);
  if (!Number.isInteger(handlers) || handlers < 0 || handlers > 1000) {
    throw new ConfigurationError(
      `countDecisions: handlers is ${String(handlers)}.`,
      'Give a whole number from 0 to 1000: how many handlers are told apart.',
    );
  }
  const counter = meter.createCounter('entra_guard.decisions', {
    description: 'Decisions about who may call, by outcome',
    unit: '{decision}',
  });
  const attributesOf = boundedAttributes(handlers);
  return subscribe('countDecisions', (event) => counter.add(1, attributesOf(event)));
}

/** The attributes to count an event under. However many events of whatever kind, there is a limited number of results. */
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

/** Which identifiers {@link annotateSpans} copies. None by default: traces are read by many and kept for long. */
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
 * `.requirement` and `.reasons`. Of several decisions in one span the last one shows, but a denial stays.
 *
 * ```ts
 * const stop = annotateSpans(trace, { tenant: true });
 * ```
 * @returns a function that ends it
 */
export function annotateSpans(trace: ActiveSpans, given: AnnotateSpansOptions = {}): () => void {
  const options = ownOptions('annotateSpans()', given);
  // An attribute can't be taken back: an "allow" after it would leave the code of the denial beside it.
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

/** Of verified callers only. A service principal is no end user. */
function callerAttributes({ who }: DecisionEvent, options: AnnotateSpansOptions): Record<string, string> {
  if (who === undefined) return {};
  return {
    ...(options.user && who.kind === 'user' ? { 'enduser.id': who.objectId ?? who.subjectKey } : {}),
    ...(options.tenant ? { 'entra_guard.tenant_id': who.tenantId } : {}),
    ...(options.client ? { 'entra_guard.client_id': who.clientId } : {}),
  };
}

import type { DecisionEvent } from './decision-event.js';
import { recognise } from './known-event.js';
import { ATTRIBUTES } from './telemetry-names.js';

/** The part of OpenTelemetry's `trace` that is used. */
export interface ActiveSpans {
  getActiveSpan(): { setAttributes(attributes: Record<string, string | string[]>): unknown } | undefined;
}

/** Which identifiers are copied to spans. */
export interface SpanIdentifiers {
  readonly user: boolean;
  readonly tenant: boolean;
  readonly client: boolean;
}

/**
 * Returns a function that writes decisions on the span in which they are made. If one span has several decisions, the last
 * one shows, but a denial is never overwritten by an "allow".
 */
export function annotateSpans(trace: ActiveSpans, identifiers: SpanIdentifiers): (event: unknown) => void {
  // Attributes can't be removed: an "allow" after a denial would leave the denial's code on the span.
  const denied = new WeakSet<object>();
  return (given) => {
    const { event } = recognise(given);
    if (event?.type !== 'decision') return;
    const span = trace.getActiveSpan();
    if (span === undefined || (event.outcome === 'allow' && denied.has(span))) return;
    if (event.outcome === 'deny') denied.add(span);
    span.setAttributes({ ...decisionAttributes(event), ...callerAttributes(event, identifiers) });
  };
}

function decisionAttributes(event: DecisionEvent): Record<string, string | string[]> {
  const { outcome, code, who, handler, requirement, reasons, trial } = event;
  return {
    [ATTRIBUTES.outcome]: outcome,
    ...(code === undefined ? {} : { [ATTRIBUTES.code]: code }),
    ...(who === undefined ? {} : { [ATTRIBUTES.kind]: who.kind }),
    ...(handler === undefined ? {} : { [ATTRIBUTES.handler]: handler }),
    ...(requirement === undefined ? {} : { [ATTRIBUTES.requirement]: requirement }),
    ...(reasons.length === 0 ? {} : { [ATTRIBUTES.reasons]: [...reasons] }),
    ...(trial === undefined ? {} : { [ATTRIBUTES.trialCode]: trial.code }),
  };
}

/** Returns the attributes of a verified caller. `enduser.id` is for users only: a service principal is not an end user. */
function callerAttributes({ who }: DecisionEvent, show: SpanIdentifiers): Record<string, string> {
  if (who === undefined) return {};
  return {
    ...(show.user && who.kind === 'user' ? { [ATTRIBUTES.user]: who.objectId ?? who.subjectKey } : {}),
    ...(show.tenant ? { [ATTRIBUTES.tenant]: who.tenantId } : {}),
    ...(show.client ? { [ATTRIBUTES.client]: who.clientId } : {}),
  };
}

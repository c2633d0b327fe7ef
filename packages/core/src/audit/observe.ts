import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { thrownLine } from '../base/thrown.js';
import { assertKnown, flag } from '../options/option-readers.js';
import { type ActiveSpans, annotateSpans } from './annotate-spans.js';
import { countEvents, type EventMeter } from './count-events.js';
import { listen } from './events.js';
import { type EventLogger, logEvents } from './log-events.js';

/** Options of {@link observe}. At least one of `logger`, `meter` and `tracer` is required. */
export interface ObserveOptions {
  /**
   * A pino logger, or any other with `info`, `warn` and `error` that take fields first and the message second. Gets one
   * line for each event. A decision is the field `decision`: level `info` when allowed, `warn` when denied, `error` when
   * the API is at fault and not the caller (status 500 and more). A change of keys is the field
   * `keys`: `info`, `warn`, or `error` where requests are answered 503. A revocation is the field `revocation`: `info`, or `error` where
   * revocations are not current. An approval is the field `approval`: `info`. Any other event is the field `event`.
   */
  readonly logger?: EventLogger | undefined;
  /** `logger`: whether allowed decisions are written too. Default `true`. */
  readonly allowed?: boolean | undefined;
  /** An OpenTelemetry `Meter`. Counts decisions, changes of keys, and events that are not understood. */
  readonly meter?: EventMeter | undefined;
  /** `meter`: how many handlers are counted separately; further ones are counted as `other`. From 0 to 1000, default 200. */
  readonly handlers?: number | undefined;
  /** OpenTelemetry's `trace`. Writes each decision on the span in which it is made. */
  readonly tracer?: ActiveSpans | undefined;
  /** `tracer`: writes a verified user's object ID as `enduser.id`, which OpenTelemetry calls sensitive. Default `false`. */
  readonly user?: boolean | undefined;
  /** `tracer`: writes the verified caller's tenant as `entra_guard.tenant_id`. Default `false`. */
  readonly tenant?: boolean | undefined;
  /** `tracer`: writes the verified caller's client application as `entra_guard.client_id`. Default `false`. */
  readonly client?: boolean | undefined;
}

/** Each part, the methods that it needs, and what to pass. */
const PARTS = {
  logger: {
    methods: ['info', 'warn', 'error'],
    hint: 'Pass a logger whose methods take fields first and the message second, such as pino().',
  },
  meter: { methods: ['createCounter'], hint: "Pass an OpenTelemetry meter: metrics.getMeter('orders-api')." },
  tracer: {
    methods: ['getActiveSpan'],
    hint: 'Pass `trace` of @opentelemetry/api itself, not a tracer of it.',
  },
} as const;

/** Which part each option is about. */
const PART_OF = {
  allowed: 'logger',
  handlers: 'meter',
  user: 'tracer',
  tenant: 'tracer',
  client: 'tracer',
} as const;

/**
 * Shows what happens inside: writes events to a logger, counts them, and writes decisions on spans, for all guards and
 * validators of this process. Anything that throws or rejects there changes no decision and ends no process. The first
 * time, a process warning (`ENTRA_GUARD_AUDIT`) says that events are lost.
 *
 * ```ts
 * const stop = observe({ logger: pino(), meter: metrics.getMeter('orders-api'), tracer: trace });
 * ```
 * @returns a function that ends it
 * @throws ConfigurationError if there is nothing to observe with, or an option is unknown, invalid, or about a part that
 * was not given
 */
export function observe(options: ObserveOptions): () => void {
  const given = ownOptions('observe()', options);
  assertKnown('option of observe() called', given, [...Object.keys(PARTS), ...Object.keys(PART_OF)]);
  assertParts(given);
  const { logger, meter, tracer } = given;
  const flags = {
    user: flag('observe(): user', given.user),
    tenant: flag('observe(): tenant', given.tenant),
    client: flag('observe(): client', given.client),
  };
  const allowed = given.allowed === undefined || flag('observe(): allowed', given.allowed);
  const handlers = handlerCount(given.handlers);
  // All are made before the first one listens: making a counter may throw.
  const count = meter && countEvents(meter, handlers);
  const stops = [
    logger && listen(undefined, logEvents(logger, allowed), losing('logger')),
    count && listen(undefined, count, losing('meter')),
    // Spans tell of decisions only, so nothing else is built for them.
    tracer && listen(new Set(['decision']), annotateSpans(tracer, flags), losing('tracer')),
  ];
  return () => {
    for (const stop of stops) stop?.();
  };
}

function assertParts(given: ObserveOptions): void {
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[];
  if (names.every((name) => given[name] === undefined)) {
    throw new ConfigurationError(
      'observe() was given no logger, meter or tracer.',
      "Pass at least one: observe({ logger: pino(), meter: metrics.getMeter('orders-api'), tracer: trace }).",
    );
  }
  for (const name of names) {
    if (given[name] !== undefined) assertMethods(name, given[name]);
  }
  for (const [option, part] of Object.entries(PART_OF) as [keyof typeof PART_OF, keyof typeof PARTS][]) {
    if (given[option] === undefined || given[part] !== undefined) continue;
    throw new ConfigurationError(
      `observe() was given ${option} without a ${part}, which it is about.`,
      `Pass ${part} too, or leave ${option} out.`,
    );
  }
}

function assertMethods(name: keyof typeof PARTS, part: unknown): void {
  const { methods, hint } = PARTS[name];
  const missing = methods.find((method) => typeof Object(part)[method] !== 'function');
  if (missing === undefined) return;
  throw new ConfigurationError(
    `observe(): ${name} is ${printable(part)} without the method ${missing}.`,
    hint,
  );
}

function handlerCount(handlers: unknown = 200): number {
  if (Number.isInteger(handlers) && Number(handlers) >= 0 && Number(handlers) <= 1000)
    return Number(handlers);
  throw new ConfigurationError(
    `observe(): handlers is ${printable(handlers)}.`,
    'Pass a whole number from 0 to 1000: how many handlers are counted separately.',
  );
}

/** Returns a function that warns the process, the first time that a part fails. */
function losing(part: keyof typeof PARTS): (thrown: unknown) => void {
  let told = false;
  return (thrown) => {
    if (told) return;
    told = true;
    process.emitWarning(`observe(): ${part} failed and loses events: ${thrownLine(thrown)}`, {
      type: 'EntraGuardWarning',
      code: 'ENTRA_GUARD_AUDIT',
    });
  };
}

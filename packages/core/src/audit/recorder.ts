import { EntraGuardError, PermissionError } from '../base/errors.js';
import { type LimitedLog, type LogEntry, type LogSink, limitedLog } from '../base/log.js';
import { ownMember } from '../base/own-member.js';
import { thrownLine } from '../base/thrown.js';
import type { AuthContext } from '../caller/auth-context.js';
import { refusedCaller } from '../caller/refused-caller.js';
import type { ReadCredential } from '../credential/bearer.js';
import type { Owner } from '../options/options.js';
import type { RevocationRecord } from '../options/revocations.js';
import type { JudgedFacts } from '../requirements/kinds/kind.js';
import { trialOf } from '../requirements/trial.js';
import { refusingRecord } from '../revocation/refused-by.js';
import { claimedBy } from './claimed.js';
import {
  callFacts,
  correlationIdOf,
  type DecisionEvent,
  decisions,
  revocationFacts,
  verifiedFacts,
} from './decision-event.js';
import type { Question } from './decision-place.js';
import { eventExplanation } from './event-explanation.js';

/** How a guard's decisions are told. */
export interface RecorderSettings {
  readonly auditClaims: readonly string[];
  /** Gives the correlation ID of a request. Default: the trace ID of `traceparent`. */
  readonly correlationId: ((header: (name: string) => string | undefined) => string | undefined) | undefined;
  readonly owner: Owner | undefined;
  readonly now: () => number;
  readonly log: LogSink | false;
  readonly readCredential: ReadCredential;
}

/** Tells the log and the subscribers what was decided. */
export class DecisionRecorder {
  readonly #settings: RecorderSettings;
  readonly #log: LimitedLog;

  constructor(settings: RecorderSettings) {
    this.#settings = settings;
    this.#log = limitedLog(settings.log, settings.now);
  }

  warn(entry: Omit<LogEntry, 'level'>): void {
    this.#log({ level: 'warn', ...entry });
  }

  /** @param facts by which the requirement was found to hold, where it was more than one permission */
  allow(question: Question, auth: AuthContext | undefined, facts?: JudgedFacts): void {
    if (!decisions.listening) return;
    const { requirement } = question;
    const trial = requirement && facts && trialOf(requirement, facts);
    const approvalId = facts && ownMember(facts, 'approvalId');
    const outcome = {
      outcome: 'allow',
      ...(trial ? { trial } : {}),
      ...(approvalId === undefined ? {} : { approvalId }),
    } as const;
    this.#publish(question, outcome, auth);
  }

  /** @param auth who called, as far as the guard has found out */
  refuse(question: Question, error: unknown, auth: AuthContext | undefined): void {
    const { place, requirement } = question;
    const owner = this.#settings.owner ?? requirement?.owner;
    const caller = auth ?? refusedCaller(error);
    const record = refusingRecord(error);
    const whom = caller && (() => ({ ...this.#whomToCall(question, caller), ...logged(record) }));
    const where = {
      ...(place.handler === undefined ? {} : { handler: place.handler }),
      ...(owner ? { owner: ownerLine(owner) } : {}),
    };
    if (!EntraGuardError.is(error)) {
      // Only the application's code throws anything else: its validator, or what it hands over as a request.
      const message = 'Deciding about a request failed, and it was refused.';
      const cause = thrownLine(error);
      this.#log({ level: 'error', event: 'refused', message, hint: 'See the cause.', cause, ...where }, whom);
      this.#publish(question, { outcome: 'deny' }, caller);
      return;
    }
    // A request without credentials is how browsers and probes begin: worth an event, not a line in the log.
    if (error.code !== 'credentials_missing') {
      const entry: LogEntry = {
        level: error.status >= 500 ? 'error' : 'warn',
        event: 'refused',
        code: error.code,
        message: `${error.status} ${error.code}: ${error.explanation}`,
        hint: error.hint,
        ...(error.status >= 500 && error.cause !== undefined ? { cause: thrownLine(error.cause) } : {}),
        ...where,
      };
      this.#log(entry, whom);
    }
    const outcome = {
      outcome: 'deny',
      code: error.code,
      explanation: eventExplanation(error),
      ...(record ? { revocation: revocationFacts(record) } : {}),
      ...(PermissionError.is(error) && error.approval ? { approvalId: error.approval.id } : {}),
    } as const;
    this.#publish(question, outcome, caller, error);
  }

  /** Who has to change something, and the ID to find the request by. */
  #whomToCall({ request, place }: Question, auth: AuthContext): Pick<LogEntry, 'who' | 'correlationId'> {
    const { kind, clientId, subjectKey, tenantId } = auth;
    const correlationId = correlationIdOf(request, this.#settings.correlationId, place.traceparent);
    const who = { kind, clientId, subjectKey, tenantId };
    return correlationId === undefined ? { who } : { who, correlationId };
  }

  #publish(
    { request, place, requirement }: Question,
    outcome: Pick<DecisionEvent, 'outcome' | 'code' | 'explanation' | 'trial' | 'revocation' | 'approvalId'>,
    auth: AuthContext | undefined,
    error?: unknown,
  ): void {
    if (!decisions.listening) return;
    const { now, owner: guardOwner, correlationId: given, readCredential, auditClaims } = this.#settings;
    const time = now();
    const owner = guardOwner ?? requirement?.owner;
    const correlationId = correlationIdOf(request, given, place.traceparent);
    const claimed =
      auth === undefined && outcome.outcome === 'deny'
        ? claimedBy(request, readCredential, time, error)
        : undefined;
    decisions.publish({
      v: 1,
      type: 'decision',
      time,
      ...outcome,
      ...(place.handler === undefined ? {} : { handler: place.handler }),
      ...callFacts(place),
      ...(requirement === undefined ? {} : { requirement: requirement.toString() }),
      reasons: requirement?.reasons ?? [],
      ...(owner ? { owner } : {}),
      ...(auth ? verifiedFacts(auth, auditClaims) : {}),
      ...(claimed ? { claimed } : {}),
      ...(correlationId === undefined ? {} : { correlationId }),
    });
  }
}

/** What the log tells of the record that has refused a caller. */
function logged(record: RevocationRecord | undefined): Pick<LogEntry, 'revocation'> {
  if (record === undefined) return {};
  const { id, because, source } = record;
  return { revocation: { id, because, ...(source === undefined ? {} : { source }) } };
}

function ownerLine(owner: Owner): string {
  const contact = ownMember(owner, 'onCall') ?? ownMember(owner, 'contact');
  return contact === undefined ? owner.team : `${owner.team} (${contact})`;
}

/**
 * The metrics of `observe({ meter })`. OpenTelemetry has no conventions for authorization that are not about one
 * framework. These names follow those of `aspnetcore.authorization.*`, below a namespace of ours.
 */
export const METRICS = {
  decisions: {
    name: 'entra_guard.authorization.decisions',
    unit: '{decision}',
    description: 'Decisions about who may call, by outcome',
  },
  trialDenials: {
    name: 'entra_guard.authorization.trial_denials',
    unit: '{decision}',
    description: 'Decisions that allowed what a requirement on trial would have refused',
  },
  keyChanges: {
    name: 'entra_guard.keys.changes',
    unit: '{change}',
    description: 'Readings, failures and changes of signing keys and metadata',
  },
  revocationChanges: {
    name: 'entra_guard.revocation.changes',
    unit: '{change}',
    description: 'Revocations that were set, lifted, and applied in this process',
  },
  revocationLag: {
    name: 'entra_guard.revocation.lag',
    unit: 'ms',
    description: 'Time from setting or lifting a revocation until this process applied it',
  },
  approvalChanges: {
    name: 'entra_guard.approval.changes',
    unit: '{change}',
    description: 'Approvals that were requested, given, denied and used',
  },
  unread: {
    name: 'entra_guard.events.unread',
    unit: '{event}',
    description: 'Events of another package, or of a version that this release does not know',
  },
} as const;

/** The attributes of those metrics and of spans. */
export const ATTRIBUTES = {
  outcome: 'entra_guard.outcome',
  code: 'entra_guard.code',
  kind: 'entra_guard.kind',
  handler: 'entra_guard.handler',
  requirement: 'entra_guard.requirement',
  reasons: 'entra_guard.reasons',
  trialCode: 'entra_guard.trial.code',
  tenant: 'entra_guard.tenant_id',
  client: 'entra_guard.client_id',
  change: 'entra_guard.keys.change',
  document: 'entra_guard.keys.document',
  why: 'entra_guard.keys.why',
  revocationChange: 'entra_guard.revocation.change',
  approvalChange: 'entra_guard.approval.change',
  eventType: 'entra_guard.event.type',
  /** Of OpenTelemetry's general attributes: the class of error that something ended with. */
  errorType: 'error.type',
  /** Of OpenTelemetry's attributes of end users. */
  user: 'enduser.id',
} as const;

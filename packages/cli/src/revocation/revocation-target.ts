import type { Target } from '@entra-guard/core';
import { millisecondsFromText, readTarget } from '@entra-guard/core/revocation';
import { BadInputError } from '../bad-input.js';

/** What can be revoked, as the command line calls it, and the member of a target that it is. */
const KINDS = {
  user: { member: 'user', tenant: 'required' },
  'service-principal': { member: 'servicePrincipal', tenant: 'required' },
  app: { member: 'client', tenant: 'optional' },
  'agent-blueprint': { member: 'agentBlueprint', tenant: 'optional' },
  session: { member: 'session', tenant: 'required' },
  token: { member: 'token', tenant: 'optional' },
  tenant: { member: 'tenant', tenant: 'none' },
  everyone: { member: undefined, tenant: 'none' },
} as const;

/** The name of a kind. */
export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** What the flags say of a target. */
export interface TargetFlags {
  readonly tenant?: string;
  /** ISO 8601. */
  readonly expires?: string;
}

/** @throws BadInputError, ConfigurationError that say what is missing or not as it should be */
export function targetFrom(kind: KindName, id: string | undefined, { tenant, expires }: TargetFlags): Target {
  const { member, tenant: needs } = KINDS[kind];
  assertTenant(kind, needs, tenant);
  if (expires !== undefined && kind !== 'token') {
    throw new BadInputError(
      `--expires is for a token, and this is: ${kind}.`,
      'Leave it out. --until says when a record ends.',
    );
  }
  if (member === undefined) {
    if (id === undefined) return 'everyone';
    throw new BadInputError(
      'everyone has no ID.',
      'Leave it out: entra-guard revoke everyone --before now …',
    );
  }
  if (id === undefined) {
    throw new BadInputError(`Which ${kind}?`, `Write its ID after it: entra-guard revoke ${kind} <id> …`);
  }
  if (kind === 'user' && id.includes('@')) throw notAnId(id);
  if (kind === 'token' && expires === undefined) {
    throw new BadInputError(
      '--expires is missing.',
      "Say when the token expires, as its claim exp does: --expires 2030-01-31T12:00:00Z. If you don't know, a time that is later is fine.",
    );
  }
  return readTarget({
    [member]: id,
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    ...(expires === undefined ? {} : { expiresAt: millisecondsFromText('--expires', expires) }),
  }).target;
}

function assertTenant(
  kind: KindName,
  needs: 'required' | 'optional' | 'none',
  tenant: string | undefined,
): void {
  if (needs === 'required' && tenant === undefined) {
    throw new BadInputError(
      '--tenant is missing.',
      `${kind === 'session' ? 'A session' : 'An object ID'} belongs to one tenant. Name it: --tenant <tenant ID>. The one that you are signed in to: az account show --query tenantId -o tsv`,
    );
  }
  if (needs === 'none' && tenant !== undefined) {
    throw new BadInputError(
      `--tenant says nothing about ${kind}.`,
      'Leave it out. For all callers of a tenant: entra-guard revoke tenant <tenant ID> …',
    );
  }
}

/** What a shell takes as it is. */
const PLAIN = /^[\w.@+-]+$/;

function notAnId(address: string): BadInputError {
  const quoted = PLAIN.test(address) ? address : `'${address.replaceAll("'", "'\\''")}'`;
  return new BadInputError(
    `${address} is a name, which changes hands. Nothing was revoked.`,
    `Revoke the object ID, which this prints: az ad user show --id ${quoted} --query id -o tsv`,
  );
}

/** The kind and the ID of a target, as the command line calls them. */
export function inWords(target: unknown): string {
  if (target === 'everyone') return 'everyone';
  const members = Object(target) as Readonly<Record<string, unknown>>;
  const kind = KIND_NAMES.find((name) => members[KINDS[name].member ?? ''] !== undefined);
  if (kind === undefined) return JSON.stringify(target);
  const tenant = members.tenantId === undefined ? '' : ` of tenant ${String(members.tenantId)}`;
  const wide = tenant === '' && (kind === 'app' || kind === 'agent-blueprint') ? ' in every tenant' : tenant;
  return `${kind} ${String(members[KINDS[kind].member ?? ''])}${wide}`;
}

import { BadInputError } from '../bad-input.js';

/** Whose tokens Entra accepts in place of a secret (Entra: workload identity federation). */
export interface FederatedSubject {
  readonly kind: 'github' | 'kubernetes' | 'managed-identity';
  readonly issuer: string;
  readonly subject: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FORMS =
  'Write github:org/repo:environment:prod, github:org/repo:branch:main, github:org/repo:tag:v1, kubernetes:https://<issuer>:namespace/serviceaccount, or managed-identity:<object ID>.';

/**
 * Reads what `--federated` names.
 *
 * @param tenant for managed identities, whose issuer is the tenant
 * @throws BadInputError for anything else, and for pull requests
 */
export function federatedSubject(given: string, tenant: string | undefined): FederatedSubject {
  const [, kind, rest = ''] = /^(github|kubernetes|managed-identity):(.+)$/.exec(given) ?? [];
  if (kind === 'github') return github(rest);
  if (kind === 'kubernetes') return kubernetes(rest);
  if (kind === 'managed-identity') return managedIdentity(rest, tenant);
  throw new BadInputError(`--federated is ${JSON.stringify(given.slice(0, 100))}.`, FORMS);
}

function github(rest: string): FederatedSubject {
  const issuer = 'https://token.actions.githubusercontent.com';
  const [, repository, kind, value] =
    /^([A-Za-z0-9-]+\/[A-Za-z0-9._-]+):(environment|branch|tag|pull_request)(?::([A-Za-z0-9._/-]+))?$/.exec(
      rest,
    ) ?? [];
  if (kind === 'pull_request') {
    throw new BadInputError(
      'Pull requests are not given permissions: each person who may open one would have them.',
      'Name a branch or an environment: github:org/repo:environment:prod. An environment can ask for an approval.',
    );
  }
  if (repository === undefined || value === undefined) {
    throw new BadInputError(`--federated names no workflow: ${JSON.stringify(rest.slice(0, 100))}.`, FORMS);
  }
  const subjects = {
    environment: `repo:${repository}:environment:${value}`,
    branch: `repo:${repository}:ref:refs/heads/${value}`,
    tag: `repo:${repository}:ref:refs/tags/${value}`,
  };
  return { kind: 'github', issuer, subject: subjects[kind as keyof typeof subjects] };
}

function kubernetes(rest: string): FederatedSubject {
  const [, issuer = '', namespace, account] =
    /^(https:\/\/[^\s'"]+):([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)$/.exec(rest) ?? [];
  if (!URL.canParse(issuer)) {
    throw new BadInputError(
      `--federated names no service account: ${JSON.stringify(rest.slice(0, 100))}.`,
      FORMS,
    );
  }
  return { kind: 'kubernetes', issuer, subject: `system:serviceaccount:${namespace}:${account}` };
}

function managedIdentity(rest: string, tenant: string | undefined): FederatedSubject {
  if (!GUID.test(rest)) {
    throw new BadInputError(
      `--federated names a managed identity by ${JSON.stringify(rest.slice(0, 100))}, which is not a GUID.`,
      'Name its object (principal) ID: az identity show --query principalId.',
    );
  }
  if (tenant === undefined || !GUID.test(tenant)) {
    throw new BadInputError(
      'The tenant of the managed identity is not known.',
      'Add --tenant <directory (tenant) ID>, or set ENTRA_GUARD_TENANT_ID.',
    );
  }
  return {
    kind: 'managed-identity',
    issuer: `https://login.microsoftonline.com/${tenant.toLowerCase()}/v2.0`,
    subject: rest.toLowerCase(),
  };
}

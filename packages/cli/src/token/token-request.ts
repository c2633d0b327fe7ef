import { BadInputError } from '../bad-input.js';

/** Whom a token is for, and what it holds: flags of `entra-guard token`. */
export interface TokenFlags {
  readonly as?: string;
  readonly app?: string;
  readonly managedIdentity?: string | true;
  readonly agent?: string;
  readonly onBehalfOf?: string;
  readonly ownAccount?: true;
  readonly api?: string;
  readonly scope?: readonly string[];
  readonly role?: readonly string[];
  readonly client?: string;
  readonly tenant?: string;
}

/** Members of the mint endpoint's request. */
export type TokenRequest = Readonly<Record<string, unknown>>;

/**
 * Turns flags into a request. The local Entra says what of it can't be.
 * @throws BadInputError where no caller is named, or several are
 */
export function tokenRequest(flags: TokenFlags): TokenRequest {
  assertOneCaller(flags);
  const { as, app, managedIdentity, agent, onBehalfOf, ownAccount, api, scope, role, client, tenant } = flags;
  return Object.fromEntries(
    Object.entries({
      as,
      app,
      managedIdentity,
      agent,
      onBehalfOf,
      ownAccount,
      api,
      scopes: scope,
      roles: role,
      client,
      tenant,
    }).filter(([, value]) => value !== undefined),
  );
}

/** @throws BadInputError where no caller is named, or several are */
export function assertOneCaller({ as, app, managedIdentity, agent }: TokenFlags): void {
  const named = Object.entries({
    '--as': as,
    '--app': app,
    '--managed-identity': managedIdentity,
    '--agent': agent,
  })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (named.length === 1) return;
  throw new BadInputError(
    named.length === 0 ? 'Whose token?' : `${named.join(' and ')} name several callers.`,
    'Name one: --as ada for a user, --app job for an app, --managed-identity, or --agent helper.',
  );
}

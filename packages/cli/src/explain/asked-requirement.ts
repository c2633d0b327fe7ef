import {
  type Anonymous,
  allOf,
  anyOf,
  appPermissions,
  assertDecides,
  authenticated,
  type Grant,
  members,
  parseRequirement,
  scopes,
  userRoles,
} from '@entra-guard/core';
import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { collect } from '../configuration/collect.js';

/** What flags say of a handler's requirement. */
export interface RequirementFlags {
  readonly scope?: readonly string[];
  readonly userRole?: readonly string[];
  readonly members?: true;
  readonly appPermission?: readonly string[];
  readonly require?: string;
}

/** The flags that {@link askedRequirement} reads. */
export function withRequirement(command: Command): Command {
  return command
    .option('--scope <name>', 'the handler needs this scope of a user; may be repeated', collect)
    .option('--user-role <name>', 'and this app role of the user; may be repeated', collect)
    .option('--members', 'and users have to be members of the tenant, not guests')
    .option('--app-permission <name>', 'or this application permission of an app; may be repeated', collect)
    .option('--require <text>', 'or the whole requirement as the API writes it, instead of the flags above');
}

/**
 * The requirement that the flags ask for: the text of `--require`; else all that is said of users, or all that is said of apps.
 *
 * @throws BadInputError where it is not clear which users are meant, and for `--require` with another flag
 * @throws ConfigurationError for names that no token can hold, and for text that is not a requirement
 */
export function askedRequirement(flags: RequirementFlags): Grant | Anonymous | undefined {
  return flags.require === undefined ? flaggedRequirement(flags) : writtenRequirement(flags.require, flags);
}

function writtenRequirement(text: string, flags: RequirementFlags): Grant | Anonymous {
  const { scope, userRole, members, appPermission } = flags;
  if ([scope, userRole, members, appPermission].some((flag) => flag !== undefined)) {
    throw new BadInputError(
      '--require is the whole requirement, and another flag says a part of one.',
      'Write all of it in --require: "allOf(scopes(\'Orders.Read\'), members())".',
    );
  }
  const requirement = parseRequirement(text);
  assertDecides('--require', requirement);
  return requirement;
}

function flaggedRequirement(flags: RequirementFlags): Grant | undefined {
  const ofApps = grantOf(appPermissions, flags.appPermission);
  const grants = [grantOf(scopes, flags.scope), grantOf(userRoles, flags.userRole)].filter(
    (one) => one !== undefined,
  );
  const ofUsers = flags.members ? [...(grants.length === 0 ? [authenticated()] : grants), members()] : grants;
  if (flags.members && grants.length === 0 && ofApps !== undefined) {
    throw new BadInputError(
      '--members is about users, and --app-permission asks nothing of users.',
      'Add what a user needs: --scope or --user-role.',
    );
  }
  const [first, ...others] = ofUsers;
  if (first === undefined) return ofApps;
  const users = allOf(first, ...others);
  return ofApps === undefined ? users : anyOf(users, ofApps);
}

function grantOf(
  build: (...values: readonly [string, ...string[]]) => Grant,
  [first, ...others]: readonly string[] = [],
): Grant | undefined {
  return first === undefined ? undefined : build(first, ...others);
}

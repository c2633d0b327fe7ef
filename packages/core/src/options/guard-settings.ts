import { ConfigurationError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { fn } from './option-readers.js';
import type { ValidatorOptions } from './options.js';
import type { Revocations } from './revocations.js';

/** Settings that hold for all authorities of a validator. Guards that are built with it take them over. */
export interface SharedSettings {
  /**
   * Gives the object IDs of all groups of a user whose token has too many to hold them (Entra: groups overage claim): what
   * Microsoft Graph says, `transitiveMemberOf`. Asked only where a requirement needs groups and they decide; answers are kept for
   * each user until the token expires, for at most 15 minutes. Where it rejects, takes longer than 2 seconds or gives anything but
   * an array of strings, the request is refused with 503 `hook_failed`. Default: such users are refused with `groups_overage`.
   */
  readonly groupsOf?: (auth: AuthContext) => Promise<readonly string[]>;
  /**
   * Which access was revoked: `memoryRevocations()`, or `redisRevocations(...)` of `@entra-guard/redis` for more than one process.
   * Callers whom a record covers are refused with `token_revoked`, and tokens that live longer than its `longestToken` with
   * `token_lifetime_not_accepted`. Looked up before `isRevoked`, and again only if a record has changed. Default: none.
   */
  readonly revocations?: Revocations;
}

/** The settings that a validator takes, by name. */
export const SHARED_NAMES = ['groupsOf', 'revocations'] as const satisfies readonly (keyof SharedSettings)[];

/** The settings of a guard, by name. They hold for all its authorities. */
export const SETTING_NAMES = [
  'explain',
  'auditClaims',
  'correlationId',
  'loadUser',
  'budgets',
  'approvals',
  ...SHARED_NAMES,
] as const;

/** Where settings are read, and where else they may be given. */
export interface SettingsPlace {
  /** The settings that are read here. Others of a guard are refused. */
  readonly allowed: readonly string[];
  /** Where a setting for several authorities goes, for a hint. */
  readonly instead: (name: string) => string;
}

/** Authorities without settings, and the settings that were given next to the options of the only one. */
export interface PartedOptions {
  readonly authorities: ValidatorOptions | readonly ValidatorOptions[];
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Separates the settings of a guard from the options of its authorities. They may be given next to the options of one
 * authority. Inside several they are refused, because each holds for all authorities.
 *
 * @throws ConfigurationError that names a misplaced setting, and says where it goes
 */
export function partOptions(
  given: ValidatorOptions | readonly ValidatorOptions[],
  place: SettingsPlace,
): PartedOptions {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const members = list.map((one) => membersOf(one));
  for (const [index, own] of members.entries()) {
    for (const name of Object.keys(own).filter(isSetting)) {
      if (!place.allowed.includes(name)) throw ofTheGuard(name);
      if (list.length > 1 && !isInAll(name, members)) throw insideOne(name, index, place);
    }
  }
  // Of several, only those are left that all have.
  const settings = entriesIn(members[0] ?? {}, isSetting);
  if (Object.keys(settings).length === 0) return { authorities: given, settings: {} };
  const authorities = members.map((own) => entriesIn(own, (name) => !isSetting(name)));
  return { authorities: authorities as unknown as readonly ValidatorOptions[], settings };
}

/** The very same revocations inside all authorities are accepted: they hold for all. */
function isInAll(name: string, members: readonly Readonly<Record<string, unknown>>[]): boolean {
  return name === 'revocations' && members.every((own) => own[name] === members[0]?.[name]);
}

/**
 * Combines settings that were given next to the options of the only authority with those in their own place.
 *
 * @param own where the latter are, for the error
 * @throws ConfigurationError for a setting that was given in both places
 */
export function joinSettings<T extends object>(nextTo: PartedOptions['settings'], given: T, own: string): T {
  for (const name of Object.keys(nextTo)) {
    if (!Object.hasOwn(given, name) || (given as Record<string, unknown>)[name] === undefined) continue;
    throw new ConfigurationError(
      `${name} is given twice: next to the options of the authority, and ${own}.`,
      'Keep one of them.',
    );
  }
  return Object.assign(Object.create(null) as T, given, nextTo);
}

/** Reads the settings of a validator. @throws ConfigurationError */
export function resolveShared(given: SharedSettings): SharedSettings {
  const groupsOf = fn('groupsOf', ownMember(given, 'groupsOf'));
  const revocations = readRevocations(ownMember(given, 'revocations'));
  return Object.freeze({
    ...(groupsOf === undefined ? {} : { groupsOf }),
    ...(revocations === undefined ? {} : { revocations }),
  });
}

const METHODS = [
  'find',
  'onChange',
  'ready',
  'health',
  'close',
] as const satisfies readonly (keyof Revocations)[];

/**
 * Reads the setting `revocations`. It may be the application's, so it is used as it is.
 *
 * @throws ConfigurationError for what has not all that a guard needs
 */
export function readRevocations(given: unknown): Revocations | undefined {
  if (given === undefined) return undefined;
  const store = Object(given) as Partial<Revocations>;
  const missing = METHODS.find((name) => typeof store[name] !== 'function');
  if (missing !== undefined) {
    throw new ConfigurationError(
      `revocations is ${printable(given)} without the method ${missing}.`,
      'Pass a store: memoryRevocations(), or redisRevocations(...) of @entra-guard/redis.',
    );
  }
  const { longestToken } = store;
  if (Number.isFinite(longestToken) && (longestToken as number) > 0) return store as Revocations;
  throw new ConfigurationError(
    `longestToken of the revocations is ${printable(longestToken)}.`,
    'It is the longest accepted life of a token in seconds, such as 100800 for 28 hours.',
  );
}

/** The error for a setting that only guards have. */
export function ofTheGuard(name: string): ConfigurationError {
  return new ConfigurationError(
    `${name} is a setting of a guard, and a validator has no use for it.`,
    `Give it to the guard: createGuard({ validator, ${name} }).`,
  );
}

/** Tells whether a name is that of a guard's setting. */
export function isSetting(name: string): boolean {
  return (SETTING_NAMES as readonly string[]).includes(name);
}

function insideOne(name: string, index: number, { instead }: SettingsPlace): ConfigurationError {
  return new ConfigurationError(
    `Authority ${index + 1} has ${name}, which is not an option of one authority: it holds for all of them.`,
    instead(name),
  );
}

/** The own members of an options object. Anything else has none here, and is refused where options are read. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? ownOptions('The options object', value as Record<string, unknown>, SETTING_NAMES)
    : {};
}

function entriesIn(
  members: Readonly<Record<string, unknown>>,
  wanted: (name: string) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => wanted(name)));
}

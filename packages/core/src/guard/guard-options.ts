import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable, printableOptions } from '../base/printable.js';
import type { ApprovalStore } from '../options/approvals.js';
import type { BudgetStore } from '../options/budgets.js';
import {
  joinSettings,
  partOptions,
  SETTING_NAMES,
  type SettingsPlace,
  SHARED_NAMES,
  type SharedSettings,
} from '../options/guard-settings.js';
import { assertKnown, fn } from '../options/option-readers.js';
import type { ValidatorOptions } from '../options/options.js';
import { OPTION_NAMES } from '../options/settings.js';
import type { ResolveGroups } from '../requirements/authorize.js';
import { GroupAnswers } from '../token/group-answers.js';
import type { Validator } from '../token/validator-contract.js';
import { createValidator } from './create-validator.js';
import type { LoadUser } from './request-users.js';

/** Settings of a guard, in addition to the options of its authorities. They hold for all of them. */
export interface GuardSettings extends SharedSettings {
  /** Adds what was found, expected and should be changed to the answers. For development. Default `false`. */
  readonly explain?: boolean;
  /** Claims to copy into audit events, by name. Default none. */
  readonly auditClaims?: readonly string[];
  /**
   * Gives the correlation ID of the current request, for audit events: `(header) => header('x-request-id')`, or what an
   * `AsyncLocalStorage` of yours holds. Asked while a listener is subscribed, and for a log entry that names the caller.
   * Default: the trace ID of `traceparent`.
   */
  readonly correlationId?: (header: (name: string) => string | undefined) => string | undefined;
  /**
   * Gives the application's user of a caller, such as the record in its database. Called after the requirement held, at most
   * once per request, and only where the user is read: `guard.userOf(request)`, `userOf(req)` of Express, `@CurrentUser()` of
   * NestJS. `undefined` is a 403 `user_unknown`. An error, or anything else that is not an object, is a 500 `check_failed`.
   * Default: there are no users to read.
   */
  readonly loadUser?: LoadUser;
  /**
   * Where the calls are counted that requirements limit: `memoryBudgets()`, or `redisBudgets(...)` of `@entra-guard/redis` for more
   * than one process. Default: none, and `limit(...)` is refused when it is declared.
   */
  readonly budgets?: BudgetStore;
  /**
   * Where approvals are kept that requirements ask for: `memoryApprovals()`, or `redisApprovals(...)` of `@entra-guard/redis` for more
   * than one process. Default: none, and `approval(...)` is refused when it is declared.
   */
  readonly approvals?: ApprovalStore;
}

/**
 * Options of one authority, of several, or an existing validator. The settings stand next to them; a guard takes over those
 * of an existing validator that it is not given itself.
 */
export type GuardOptions = GuardSettings &
  (
    | ValidatorOptions
    | {
        readonly authorities:
          | readonly (ValidatorOptions & InAll)[]
          | readonly [ValidatorOptions & GuardSettings];
      }
    | { readonly validator: Validator }
  );

/** What may be named in all of several authorities, if it is the very same. */
type InAll = Pick<SharedSettings, 'revocations'>;

/** The settings of a guard as they are given. */
export type GivenSettings = { readonly [Name in keyof GuardSettings]: GuardSettings[Name] | undefined };

const NAMES = [...OPTION_NAMES, 'assertion', ...SETTING_NAMES, 'validator', 'authorities'];

const PLACE: SettingsPlace = {
  allowed: SETTING_NAMES,
  instead: (name) => `Put it next to \`authorities\`: { authorities: […], ${name} }.`,
};

/**
 * Takes the options of a guard apart, and builds its validator.
 *
 * @throws ConfigurationError for invalid options
 */
export function readGuardOptions(given: GuardOptions): {
  readonly validator: Validator;
  readonly settings: GivenSettings;
} {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `The options are ${printableOptions(given)}.`,
      'Pass an object: { tenantId, clientId }.',
    );
  }
  const options = ownOptions('The options object', given, NAMES);
  const settings = pickSettings(options);
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !(name in settings)));
  if (Object.hasOwn(rest, 'validator')) {
    assertKnown('option next to validator called', rest, ['validator'], SETTING_NAMES);
    return { validator: assertValidator(rest.validator), settings };
  }
  if (!Object.hasOwn(rest, 'authorities')) return built(rest as unknown as ValidatorOptions, settings);
  assertKnown('option next to authorities called', rest, ['authorities'], SETTING_NAMES);
  const parted = partOptions(rest.authorities as readonly ValidatorOptions[], PLACE);
  return built(parted.authorities, joinSettings(parted.settings, settings, 'next to `authorities`'));
}

/** Picks the settings out of options that may have others. Those that were not given are `undefined`. */
export function pickSettings(options: GuardSettings): GivenSettings {
  const members = options as Readonly<Record<string, unknown>>;
  const entries = SETTING_NAMES.map((name) => [
    name,
    Object.hasOwn(members, name) ? members[name] : undefined,
  ]);
  return Object.assign(Object.create(null) as GivenSettings, Object.fromEntries(entries));
}

/** Hands the validator what it takes, so that other guards that are built with it have that, too. */
function built(authorities: ValidatorOptions | readonly ValidatorOptions[], settings: GivenSettings) {
  const given = SHARED_NAMES.filter((name) => settings[name] !== undefined);
  const shared = Object.fromEntries(given.map((name) => [name, settings[name]])) as SharedSettings;
  return { validator: createValidator(authorities, shared), settings };
}

function assertValidator(validator: unknown): Validator {
  if (typeof (validator as Validator | null | undefined)?.validate === 'function')
    return validator as Validator;
  throw new ConfigurationError(
    `validator is ${printable(validator)}.`,
    'Pass what createValidator returns, or leave it out and pass tenantId and clientId.',
  );
}

/** Reads the setting `correlationId`. @throws ConfigurationError */
export function correlationSource(value: unknown): GuardSettings['correlationId'] {
  if (value === undefined || typeof value === 'function') return value as GuardSettings['correlationId'];
  throw new ConfigurationError(
    `correlationId is ${printable(value)}.`,
    "Pass a function: (header) => header('x-request-id').",
  );
}

/** Reads the setting `groupsOf`. @throws ConfigurationError */
export function groupsResolver(value: unknown, now: () => number): ResolveGroups | undefined {
  const groupsOf = fn('groupsOf', value as GuardSettings['groupsOf']);
  if (groupsOf === undefined) return undefined;
  const answers = new GroupAnswers(groupsOf, now);
  return (auth) => answers.of(auth);
}

/** Reads the setting `auditClaims`. @throws ConfigurationError */
export function claimNames(value: unknown = []): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')) {
    return Object.freeze([...value]);
  }
  throw new ConfigurationError(
    `auditClaims is ${printable(value)}.`,
    "List claims by their names: ['uti', 'acrs'].",
  );
}

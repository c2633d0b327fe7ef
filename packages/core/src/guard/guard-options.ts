import { ConfigurationError } from '../base/errors.js';
import { ownOptions } from '../base/own-options.js';
import { printable, printableOptions } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertKnown, fn } from '../options/option-readers.js';
import type { ValidatorOptions } from '../options/options.js';
import { OPTION_NAMES } from '../options/settings.js';
import type { ResolveGroups } from '../requirements/authorize.js';
import { GroupAnswers } from '../token/group-answers.js';
import { createValidator } from '../token/validator.js';
import type { Validator } from '../token/validator-contract.js';

/** Settings of a guard, in addition to those of its validator. */
export interface GuardSettings {
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
   * Gives the object IDs of all groups of a user whose token has too many to hold them (Entra: groups overage claim): what
   * Microsoft Graph says, `transitiveMemberOf`. Asked only where a requirement needs groups and they decide; answers are kept for
   * each user until the token expires, for at most 15 minutes. Where it rejects, takes longer than 2 seconds or gives anything but
   * an array of strings, the request is refused with 503 `hook_failed`. Default: such users are refused with `groups_overage`.
   */
  readonly groupsOf?: (auth: AuthContext) => Promise<readonly string[]>;
}

/** Options of one authority, of several, or an existing validator. */
export type GuardOptions = GuardSettings &
  (
    | ValidatorOptions
    | { readonly authorities: readonly ValidatorOptions[] }
    | { readonly validator: Validator }
  );

/** The settings of a guard as they are given. */
export type GivenSettings = { readonly [Name in keyof GuardSettings]: GuardSettings[Name] | undefined };

/** The settings of a guard, by name. */
export const SETTING_NAMES = ['explain', 'auditClaims', 'correlationId', 'groupsOf'] as const;

const NAMES = [...OPTION_NAMES, ...SETTING_NAMES, 'validator', 'authorities'];

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
  const { explain, auditClaims, correlationId, groupsOf, ...rest } = ownOptions(
    'The options object',
    given,
    NAMES,
  );
  return {
    validator: validatorFrom(ownOptions('The options object', rest)),
    settings: { explain, auditClaims, correlationId, groupsOf },
  };
}

function validatorFrom(options: Omit<GuardOptions, keyof GuardSettings>): Validator {
  if (Object.hasOwn(options, 'validator')) {
    assertKnown('option next to validator called', options, ['validator']);
    const { validator } = options as { readonly validator: Validator };
    if (typeof validator?.validate === 'function') return validator;
    throw new ConfigurationError(
      `validator is ${printable(validator)}.`,
      'Pass what createValidator returns, or leave it out and pass tenantId and clientId.',
    );
  }
  if (Object.hasOwn(options, 'authorities')) {
    assertKnown('option next to authorities called', options, ['authorities']);
    return createValidator((options as { readonly authorities: readonly ValidatorOptions[] }).authorities);
  }
  return createValidator(options as ValidatorOptions);
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

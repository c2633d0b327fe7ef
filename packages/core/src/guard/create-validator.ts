import { assertionValidator } from '../assertion/assertion-validator.js';
import { ownOptions } from '../base/own-options.js';
import { type AssertionOptions, areForAssertions, resolveAssertion } from '../options/assertion.js';
import {
  isSetting,
  joinSettings,
  ofTheGuard,
  partOptions,
  resolveShared,
  SETTING_NAMES,
  type SettingsPlace,
  SHARED_NAMES,
  type SharedSettings,
} from '../options/guard-settings.js';
import { assertKnown } from '../options/option-readers.js';
import type { ValidatorOptions } from '../options/options.js';
import { resolveAllSettings } from '../options/settings.js';
import { validatorFor } from '../token/validator.js';
import type { Validator } from '../token/validator-contract.js';

/**
 * Builds a validator. If there are several authorities, the token's issuer selects one.
 *
 * ```ts
 * const validator = createValidator([employees, customers], { groupsOf });
 * ```
 *
 * @param authorities the options of one authority, or of several
 * @param settings what holds for all of them. With one authority they may also be given next to its options.
 * @throws ConfigurationError for invalid options
 */
export function createValidator(
  authorities:
    | OneAuthority
    | readonly [OneAuthority]
    | readonly (ValidatorOptions & Pick<SharedSettings, 'revocations'>)[],
  settings: SharedSettings = {},
): Validator {
  const own = ownOptions('The settings of a validator', settings, SETTING_NAMES);
  const ofGuards = Object.keys(own).find((name) => isSetting(name) && !PLACE.allowed.includes(name));
  if (ofGuards !== undefined) throw ofTheGuard(ofGuards);
  assertKnown('setting of a validator called', own, SHARED_NAMES);
  const [only, ...others] = [authorities].flat();
  if (areForAssertions(only) && others.length === 0) return assertionValidatorFrom(only, own);
  const parted = partOptions(authorities, PLACE);
  const shared = resolveShared(joinSettings(parted.settings, own, 'in the second argument'));
  return validatorFor(resolveAllSettings(parted.authorities), shared);
}

/** The settings may stand next to the options, as with one authority. */
function assertionValidatorFrom(given: AssertionOptions, own: SharedSettings): Validator {
  const { authorities, settings } = partOptions(given, PLACE);
  const [options] = [authorities].flat() as unknown as readonly [AssertionOptions];
  const shared = resolveShared(joinSettings(settings, own, 'in the second argument'));
  return assertionValidator(resolveAssertion(options), shared);
}

type OneAuthority = ValidatorOptions & SharedSettings;

const PLACE: SettingsPlace = {
  allowed: SHARED_NAMES,
  instead: (name) => `Pass it in the second argument: createValidator([…], { ${name} }).`,
};

import {
  ConfigurationError,
  createValidator,
  type EntraOptions,
  secondsOf,
  type Validator,
} from '@entra-guard/core';
import { type ConfigurationFlags, readConfiguration } from '../configuration/configuration-options.js';
import type { Host } from '../host.js';
import {
  checkCertificates,
  checkClock,
  checkKeys,
  checkMetadata,
  checkReachability,
} from './authority-checks.js';
import { type Check, type CheckName, ok, problem, skipped, warning } from './check.js';
import { checkNode, checkProxy, checkTrust } from './environment-checks.js';
import { Exchanges } from './exchanges.js';
import { checkIssuers } from './issuer-check.js';

const DEFAULT_TOLERANCE = 60;

/** Looks at all that an API needs in order to judge tokens, in the way in which it would be used. */
export async function diagnose(flags: ConfigurationFlags, host: Host): Promise<readonly Check[]> {
  const exchanges = new Exchanges(host);
  const warnings: string[] = [];
  let validator: Validator;
  let options: EntraOptions;
  try {
    options = readConfiguration(flags, host.env);
    validator = createValidator({
      ...options,
      fetch: exchanges.fetch,
      now: host.now,
      log: ({ event, message }) => {
        if (event === 'configuration') warnings.push(message);
      },
    });
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return [
      problem('configuration', error.problem, error.hint),
      checkNode(host),
      checkProxy(host, undefined),
      checkTrust(host) ?? skipped('certificates', NO_CONFIGURATION),
      ...AT_THE_AUTHORITY.map((name) => skipped(name, NO_CONFIGURATION)),
    ];
  }
  try {
    // Why it was not ready is in its state.
    await validator.ready().catch(() => {});
    const asked = [...exchanges.all];
    const state = validator.state();
    const issuers = await checkIssuers(exchanges, state, options);
    return [
      configured(options, warnings),
      checkNode(host),
      checkProxy(host, asked[0]?.url),
      checkTrust(host) ?? checkCertificates(asked),
      checkReachability(asked),
      checkClock(
        asked,
        secondsOf('clockTolerance', options.clockTolerance ?? DEFAULT_TOLERANCE, { least: 0 }),
      ),
      checkMetadata(state, asked),
      checkKeys(state, asked),
      issuers,
    ];
  } finally {
    validator.close();
  }
}

const NO_CONFIGURATION = 'there is no configuration';
const AT_THE_AUTHORITY: readonly CheckName[] = ['reachability', 'clock', 'metadata', 'keys', 'issuers'];

function configured(
  { tenantId, tenants, authority, clientId }: EntraOptions,
  warnings: readonly string[],
): Check {
  const whose =
    authority !== undefined
      ? `authority ${authority}`
      : tenantId !== undefined
        ? `tenant ${tenantId}`
        : `tenants ${String(tenants)}`;
  const found = `${whose}, client ${clientId}`;
  const [first] = warnings;
  return first === undefined ? ok('configuration', found) : warning('configuration', found, first);
}

import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

/**
 * Refuses a B2C token of a policy that is not accepted. All policies share one issuer, so only the policy distinguishes
 * a token of a weaker user flow.
 */
export function checkPolicy({ whose: { policy }, authority }: Look): Refusal | undefined {
  const { tenancy, concessions } = authority.settings;
  if (tenancy.kind !== 'authority' || !tenancy.b2c) return undefined;
  if (concessions.otherPolicies) return undefined;
  const { accepted } = tenancy.b2c;
  if (policy !== undefined && accepted.has(policy)) return undefined;
  return {
    code: 'policy_not_accepted',
    subject: 'policy (tfp, acr)',
    found: shown(policy),
    expected: [...accepted.values()].map((one) => `"${one}"`).join(' or '),
    hint: 'The user came through another B2C policy. If it should be accepted, add it to policies.',
  };
}

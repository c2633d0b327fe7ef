import { LocalEntraError } from '../error.js';
import { assertMembers, invalidOption } from './invalid-option.js';

/** A user flow or custom policy of Azure AD B2C. */
export interface PolicyFact {
  /** Such as `B2C_1_signin`. B2C ignores case. */
  readonly name: string;
  /** The claim that tokens name it in. `acr` is the older form. Default `tfp`. */
  readonly claim?: 'tfp' | 'acr';
  /**
   * What the issuer names: `tenant`, so that all policies share one (`AuthorityAndTenantGuid`), or `policy`
   * (`AuthorityWithTfp`). Default `tenant`.
   */
  readonly issuer?: 'tenant' | 'policy';
}

export type B2cPolicy = Required<PolicyFact>;

/** A name that can stand in a path. */
const NAME = /^[a-z0-9_-]+$/i;

/** The policies of Azure AD B2C that one local Entra has. */
export class B2cPolicies {
  readonly #told: readonly B2cPolicy[];

  /** @throws {LocalEntraError} `option_invalid` */
  constructor(given: readonly (string | PolicyFact)[] = []) {
    this.#told = readPolicies(given);
  }

  /** Finds a policy, in upper or lower case. */
  find(name: string): B2cPolicy | undefined {
    const wanted = name.toLowerCase();
    return this.#told.find((policy) => policy.name.toLowerCase() === wanted);
  }

  /** @throws {LocalEntraError} `policy_unknown` */
  named(name: string): B2cPolicy {
    const found = this.find(name);
    if (found !== undefined) return found;
    const names = this.#told.map((policy) => policy.name);
    throw new LocalEntraError(
      'policy_unknown',
      `There is no policy "${name}". This local Entra has ${names.length === 0 ? 'none' : names.join(', ')}. Add it to startEntra({ policies }).`,
    );
  }
}

function readPolicies(given: unknown): readonly B2cPolicy[] {
  if (!Array.isArray(given)) {
    throw invalidOption("policies is not a list. Name the policies of Azure AD B2C: ['B2C_1_signin'].");
  }
  const policies = given.map((one: unknown, index) => readPolicy(one, `policies[${index}]`));
  const names = new Set<string>();
  for (const { name } of policies) {
    if (names.has(name.toLowerCase())) throw invalidOption(`policies names ${name} twice. B2C ignores case.`);
    names.add(name.toLowerCase());
  }
  return policies;
}

function readPolicy(given: unknown, what: string): B2cPolicy {
  const fact = (typeof given === 'object' && given !== null ? given : { name: given }) as PolicyFact;
  assertMembers(what, fact, ['name', 'claim', 'issuer']);
  const { name, claim = 'tfp', issuer = 'tenant' } = fact;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw invalidOption(
      `${what} is not the name of a policy. It has letters, digits, - and _: 'B2C_1_signin'.`,
    );
  }
  if (!['tfp', 'acr'].includes(claim)) {
    throw invalidOption(`${what}.claim is "${claim}". Write "tfp" or "acr".`);
  }
  if (!['tenant', 'policy'].includes(issuer)) {
    throw invalidOption(`${what}.issuer is "${issuer}". Write "tenant" or "policy".`);
  }
  return { name, claim, issuer };
}

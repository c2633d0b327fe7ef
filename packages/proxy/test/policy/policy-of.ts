import { type Policy, PolicyError, type PolicyProblem, readPolicy } from '@entra-guard/proxy/policy';

export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
export const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const HOST = 'orders.contoso.example';

/** The head of every policy: whose tokens are accepted. */
export const HEAD = `version: 1
entra: { tenantId: ${TENANT}, clientId: ${CLIENT} }
`;

/** A policy with one application, which has these rules, as `METHODS PATH REQUIREMENT`. */
export function textOf(rules: readonly string[], app = ''): string {
  const lines = rules.map((rule) => {
    const [methods = '', path = '', ...requirement] = rule.split(' ');
    const require = JSON.stringify(requirement.join(' '));
    return `      - { methods: [${methods}], path: ${JSON.stringify(path)}, require: ${require}, because: a test }`;
  });
  return `${HEAD}apps:
  orders:
    host: ${HOST}
${app}    rules:
${lines.join('\n')}
`;
}

/** Such a policy, read. */
export function policyOf(rules: readonly string[], app = ''): Policy {
  return readPolicy(textOf(rules, app), { env: {} });
}

/** What is wrong with a policy's text. */
export function problemsIn(
  text: string,
  options: Parameters<typeof readPolicy>[1] = {},
): readonly PolicyProblem[] {
  try {
    readPolicy(text, { env: {}, ...options });
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
  return [];
}

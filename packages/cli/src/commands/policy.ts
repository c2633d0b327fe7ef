import type { Command } from 'commander';
import type { Perform } from '../session.js';
import { addPolicyConfig } from './policy/config.js';
import { addPolicyDiff } from './policy/diff.js';
import { addPolicyExplain } from './policy/explain.js';
import { addPolicySchema } from './policy/schema.js';
import { addPolicyTest } from './policy/test.js';
import { addPolicyValidate } from './policy/validate.js';

/** The commands on policies. One is one file, which adds itself. */
const COMMANDS = [
  addPolicyValidate,
  addPolicyTest,
  addPolicyExplain,
  addPolicyDiff,
  addPolicyConfig,
  addPolicySchema,
];

/** `entra-guard policy`: what is done with a policy file. */
export function addPolicy(program: Command, perform: Perform): void {
  const policy = program
    .command('policy')
    .description('Check, test, explain and compare policies: who may call what behind a proxy.')
    .summary('check, test, explain and compare policies')
    .helpCommand(false)
    .addHelpText('after', HELP);
  for (const add of COMMANDS) add(policy, perform);
}

const HELP = `
Needs @entra-guard/proxy, in the project or next to this command. A policy is entra-guard.yaml, if no file is named.

Exit codes:
  0  all is well
  1  the policy can't be read, a test failed or there is none, or a comparison widens
  2  the command could not run

Examples:
  $ entra-guard policy validate
  $ entra-guard policy test entra-guard.yaml
  $ entra-guard policy explain 'GET https://orders.contoso.example/orders/42' --as ada
  $ entra-guard policy diff before.yaml entra-guard.yaml
  $ entra-guard policy config nginx --out /etc/nginx`;

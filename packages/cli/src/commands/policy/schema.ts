import type { Command } from 'commander';
import { EXIT } from '../../exit-code.js';
import { writeJson } from '../../output/json.js';
import { policyPackage } from '../../policy/policy-package.js';
import type { Perform } from '../../session.js';

/** `entra-guard policy schema`: the JSON Schema of policies, for editors. */
export function addPolicySchema(policy: Command, perform: Perform): void {
  policy
    .command('schema')
    .description('Print the JSON Schema of policies, for editors.')
    .addHelpText('after', HELP)
    .action(() =>
      perform(async (session) => {
        writeJson(session.stdout, policyPackage(session).policySchema);
        return EXIT.done;
      }),
    );
}

const HELP = `
It is also the file policy.schema.json of @entra-guard/proxy.

Example:
  $ entra-guard policy schema > entra-guard.schema.json`;

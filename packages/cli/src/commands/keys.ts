import type { Command } from 'commander';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Perform, Session } from '../session.js';
import { RUN_WITH_VAULT, vaultKey } from '../vault/vault-key.js';
import { readVaultUrl } from '../vault/vault-url.js';

interface Flags {
  readonly vault: string;
  readonly id?: string;
}

/** `entra-guard keys new`: a key to seal with, which a vault has wrapped. */
export function addKeys(program: Command, perform: Perform): void {
  const keys = program
    .command('keys')
    .description('Make keys that seal what processes share.')
    .summary('make a key that a vault has wrapped')
    .addHelpText('after', HELP);
  keys
    .command('new')
    .description(
      'Make a random key, have a vault wrap it, and print { "id", "wrapped" } to paste into the configuration.',
    )
    .requiredOption('--vault <url>', 'the key of the vault: https://NAME.vault.azure.net/keys/NAME')
    .option('--id <id>', 'how the key is called in what it seals (default: the date)')
    .addHelpText('after', HELP)
    .action((flags: Flags) => perform((session) => newKey(session, flags)));
}

const HELP = `
The key itself is never printed: only the vault can unwrap it, for identities that may use its key (Key Vault Crypto User).
It is for wrappedKeyRing({ keys: [{ id, wrapped }], unwrap }) of @entra-guard/downstream. To rotate, put the new one first.

You are signed in as the Azure SDK finds you: by the Azure CLI, for one. Both packages have to be installed:
  ${RUN_WITH_VAULT} keys new --vault https://contoso.vault.azure.net/keys/tokens

Exit codes:
  0  the key was printed
  2  the vault refused, or an option is wrong

Examples:
  $ entra-guard keys new --vault https://contoso.vault.azure.net/keys/tokens
  $ entra-guard keys new --vault https://contoso.vault.azure.net/keys/tokens --id 2026-12`;

async function newKey(session: Session, { vault, id = today(session) }: Flags): Promise<ExitCode> {
  const { stdout, stderr, errorStyle } = session;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
    throw new BadInputError(
      `--id is ${printable(id.slice(0, 100))}.`,
      "An id is 1 to 64 letters, digits and '.', '_', '-': 2026-12.",
    );
  }
  const url = readVaultUrl(vault);
  const { wrapped, wrappedBy } = await vaultKey(session, url);
  writeJson(stdout, { id, wrapped });
  // A vault's key may get new versions, and only this one unwraps it.
  stderr.write(`${errorStyle.faint('note:')} Unwrap it with ${printable(wrappedBy)}\n`);
  return EXIT.done;
}

function today({ now }: Session): string {
  return new Date(now()).toISOString().slice(0, 10);
}

import { ConfigurationError, explain, type Finding, type ValidatorOptions } from '@entra-guard/core';
import type { Command } from 'commander';
import {
  CONFIGURATION_HELP,
  type ConfigurationFlags,
  readConfiguration,
  saysNothing,
  withConfiguration,
} from '../configuration/configuration-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { aboutToken } from '../explain/about-token.js';
import { askedRequirement, type RequirementFlags, withRequirement } from '../explain/asked-requirement.js';
import { explainPage } from '../explain/explain-page.js';
import { readPasted, TOKEN_VARIABLE, tokenIn } from '../explain/read-token.js';
import { comparedWithNone, type WouldAccept, wouldAccept } from '../explain/unnamed-api.js';
import { writeJson } from '../output/json.js';
import { explainPasted } from '../pasted/explain-pasted.js';
import { pastedPage } from '../pasted/pasted-page.js';
import { recognise } from '../pasted/recognise.js';
import type { Perform, Session } from '../session.js';

interface Flags extends ConfigurationFlags, RequirementFlags {
  readonly keys?: true;
  readonly json?: true;
}

/** `entra-guard explain`: why a token is refused, or would be. */
export function addExplain(program: Command, perform: Perform): void {
  const command = program
    .command('explain')
    .description(
      'Say of an access token what this API would make of it, check by check; and of an error what it means, whose it is, and what to change.',
    )
    .summary('say why an access token is refused, or what an error means')
    .argument('[pasted]', `"-" reads standard input; else ${TOKEN_VARIABLE} is taken`)
    .option('--keys', 'ask the authority for its keys, and verify issuer and signature');
  withConfiguration(withRequirement(command).option('--json', 'print the findings as one JSON document'))
    .addHelpText('after', HELP)
    .action((token: string | undefined, flags: Flags) =>
      perform((session) => explainAny(session, token, flags)),
    );
}

const HELP = `
${CONFIGURATION_HELP}

Besides a token it takes an AADSTS code or message, the answer of a token endpoint, an address that Entra has sent a browser to or back
to, a log line, an audit event, a problem document or a challenge of a guarded API. Tokens, codes and secrets in them are not printed.

Where neither flags nor environment name an API, it says what the token is, what is wrong with it whichever API it is for, and
what an API has to configure to accept it.

The token is never written anywhere, and nothing leaves this machine without --keys. A token on the command line stays in
the history of your shell: pipe it in.

Exit codes:
  0  no check failed
  1  the token would be refused; with --keys also: it could not be verified. Or an error was explained
  2  nothing was given that can be explained, or the configuration is wrong

Examples:
  $ entra-guard explain AADSTS650053
  $ pbpaste | entra-guard explain -
  $ pbpaste | entra-guard explain - --tenant contoso.example --client 00001111-aaaa-2222-bbbb-3333cccc4444
  $ entra-guard explain - --keys --scope Orders.Read < token.txt
  $ entra-guard explain - --require "anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))" < token.txt
  $ az account get-access-token --resource api://orders | entra-guard explain - --keys
  $ read -rs ${TOKEN_VARIABLE} && export ${TOKEN_VARIABLE}   # then paste it
  $ entra-guard explain --json | jq '.findings[] | select(.ok == false)'`;

async function explainAny(session: Session, argument: string | undefined, flags: Flags): Promise<ExitCode> {
  const text = await readPasted(argument, session);
  const explained = explainPasted(recognise(text));
  // A token, or something that the reader of tokens says more about.
  if (explained === undefined) return explainToken(session, argument, text, flags);
  if (flags.json) writeJson(session.stdout, explained);
  else session.stdout.write(pastedPage(explained, session.style));
  return EXIT.findings;
}

async function explainToken(
  session: Session,
  argument: string | undefined,
  text: string,
  flags: Flags,
): Promise<ExitCode> {
  const { keys = false } = flags;
  const { now, fetch } = session;
  const configured = configuration(flags, session);
  const requirement = askedRequirement(flags);
  const token = tokenIn(text);
  if (argument !== undefined && argument !== '-') {
    session.stderr.write(
      `${session.errorStyle.warning('note:')} the token is in the history of your shell now. Next time pipe it in.\n`,
    );
  }
  const unnamed: WouldAccept | undefined = configured === undefined ? wouldAccept(token) : undefined;
  const { clockTolerance } = flags;
  const options = {
    ...(configured ?? unnamed?.options),
    ...(clockTolerance === undefined ? {} : { clockTolerance }),
    now,
    fetch,
    log: false,
  } as ValidatorOptions;
  const all = await explain(token, options, { keys, ...(requirement === undefined ? {} : { requirement }) });
  const inWords = keys ? all : all.map(inOurWords);
  const findings = unnamed === undefined ? inWords : comparedWithNone(inWords, token);
  const about = aboutToken(token, findings, now());
  const refused = findings.some(({ ok }) => ok === false);
  const open = keys && findings.some(({ ok }) => ok === undefined);
  const accept = unnamed?.facts;
  if (flags.json) {
    const wanted =
      accept === undefined
        ? {}
        : { accept: Object.fromEntries(accept.map(({ name, value }) => [name, value])) };
    writeJson(session.stdout, { refused, verified: keys && !open, about, ...wanted, findings });
  } else {
    const asked = requirement !== undefined;
    const page = { findings, about, keys, open: tenantThatIsOpen(options), accept, asked };
    session.stdout.write(explainPage(page, session.style));
  }
  return refused || open ? EXIT.findings : EXIT.done;
}

/** The options of the API; `undefined` where nothing names one, and nothing needs it. */
function configuration(flags: Flags, { env }: Session): ValidatorOptions | undefined {
  try {
    return readConfiguration(flags, env);
  } catch (error) {
    if (ConfigurationError.is(error) && !flags.keys && saysNothing(flags, env)) return undefined;
    throw error;
  }
}

/** The tenant whose ID only the authority knows: tokens of others can't be told without asking it. */
function tenantThatIsOpen({ tenantId, authority }: ValidatorOptions): string | undefined {
  const named = tenantId ?? authority;
  return named === undefined || GUID.test(named) ? undefined : `that the tenant is that of ${named}`;
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** The core speaks of its option, which is a flag here. */
function inOurWords(finding: Finding): Finding {
  return finding.hint?.endsWith('keys: false.') ? { ...finding, hint: 'Only with --keys.' } : finding;
}

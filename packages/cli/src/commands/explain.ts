import {
  anyOf,
  appPermissions,
  explain,
  type Finding,
  type Requirement,
  scopes,
  type ValidatorOptions,
} from '@entra-guard/core';
import type { Command } from 'commander';
import { collect } from '../configuration/collect.js';
import {
  CONFIGURATION_HELP,
  type ConfigurationFlags,
  readConfiguration,
  withConfiguration,
} from '../configuration/configuration-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { aboutToken, type Fact } from '../explain/about-token.js';
import { readToken, TOKEN_VARIABLE } from '../explain/read-token.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import type { Perform, Session } from '../session.js';

interface Flags extends ConfigurationFlags {
  readonly keys?: true;
  readonly scope?: readonly string[];
  readonly appPermission?: readonly string[];
  readonly json?: true;
}

/** `entra-guard explain`: why a token is refused, or would be. */
export function addExplain(program: Command, perform: Perform): void {
  const command = program
    .command('explain')
    .description('Say of an access token what this API would make of it, check by check.')
    .summary('say why an access token is refused')
    .argument('[token]', `"-" reads standard input; else ${TOKEN_VARIABLE} is taken`)
    .option('--keys', 'ask the authority for its keys, and verify issuer and signature')
    .option('--scope <name>', 'the handler needs this scope of a user; may be repeated', collect)
    .option('--app-permission <name>', 'or this application permission of an app; may be repeated', collect)
    .option('--json', 'print the findings as one JSON document');
  withConfiguration(command)
    .addHelpText('after', HELP)
    .action((token: string | undefined, flags: Flags) =>
      perform((session) => explainToken(session, token, flags)),
    );
}

const HELP = `
${CONFIGURATION_HELP}

The token is never written anywhere, and nothing leaves this machine without --keys. A token on the command line stays in
the history of your shell: pipe it in.

Exit codes:
  0  no check failed
  1  the token would be refused; with --keys also: it could not be verified
  2  there is no token, or the configuration is wrong

Examples:
  $ pbpaste | entra-guard explain - --tenant contoso.example --client 00001111-aaaa-2222-bbbb-3333cccc4444
  $ entra-guard explain - --keys --scope Orders.Read < token.txt
  $ az account get-access-token --resource api://orders | entra-guard explain - --keys
  $ read -rs ${TOKEN_VARIABLE} && export ${TOKEN_VARIABLE}   # then paste it
  $ entra-guard explain --json | jq '.findings[] | select(.ok == false)'`;

async function explainToken(session: Session, argument: string | undefined, flags: Flags): Promise<ExitCode> {
  const { keys = false } = flags;
  const { now, fetch } = session;
  const options = { ...readConfiguration(flags, session.env), now, fetch, log: false } as ValidatorOptions;
  const requirement = requirementOf(flags);
  const token = await readToken(argument, session);
  if (argument !== undefined && argument !== '-') {
    session.stderr.write(
      `${session.errorStyle.warning('note:')} the token is in the history of your shell now. Next time pipe it in.\n`,
    );
  }
  const all = await explain(token, options, { keys, ...(requirement === undefined ? {} : { requirement }) });
  const findings = keys ? all : all.map(inOurWords);
  const about = aboutToken(token, now());
  const refused = findings.find(({ ok }) => ok === false);
  const open = keys && findings.some(({ ok }) => ok === undefined);
  if (flags.json) {
    writeJson(session.stdout, { refused: refused !== undefined, verified: keys && !open, about, findings });
  } else {
    session.stdout.write(page(findings, about, keys, session.style));
  }
  return refused === undefined && !open ? EXIT.done : EXIT.findings;
}

/** The core speaks of its option, which is a flag here. */
function inOurWords(finding: Finding): Finding {
  return finding.hint?.endsWith('keys: false.') ? { ...finding, hint: 'Only with --keys.' } : finding;
}

function requirementOf({ scope, appPermission }: Flags): Requirement | undefined {
  const [firstScope, ...otherScopes] = scope ?? [];
  const [firstPermission, ...otherPermissions] = appPermission ?? [];
  const ofUsers = firstScope === undefined ? undefined : scopes(firstScope, ...otherScopes);
  const ofApps =
    firstPermission === undefined ? undefined : appPermissions(firstPermission, ...otherPermissions);
  return ofUsers !== undefined && ofApps !== undefined ? anyOf(ofUsers, ofApps) : (ofUsers ?? ofApps);
}

function page(findings: readonly Finding[], about: readonly Fact[], keys: boolean, style: Style): string {
  const lines = [style.bold(verdict(findings, keys)), ''];
  if (about.length > 0) {
    const verified = findings.some(({ check, ok }) => check === 'signature' && ok === true);
    lines.push(verified ? 'What the token says:' : 'What the token says (nobody has verified it):');
    lines.push(...about.map(({ name, value }) => `  ${name.padEnd(18)} ${value}`), '');
  }
  lines.push('Checks:', ...findings.flatMap((finding) => findingLines(finding, style)));
  return `${lines.join('\n')}\n`;
}

function verdict(findings: readonly Finding[], keys: boolean): string {
  const failures = findings.filter(({ ok }) => ok === false);
  const [first, ...others] = failures;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` Also: ${others.map(({ code }) => code).join(', ')}.`;
    return `Refused: ${first.code}.${more}`;
  }
  if (findings.every(({ ok }) => ok)) return 'Accepted: every check holds.';
  return keys
    ? 'Not decided: what is marked with "?" could not be checked.'
    : 'Nothing speaks against it, but the signature is not verified. Add --keys for that.';
}

function findingLines({ check, ok, code, found, expected, hint }: Finding, style: Style): string[] {
  const name = check.replaceAll('_', ' ').padEnd(18);
  if (ok) return [`${style.good('✓')} ${name} ${style.faint(printable(found))}`];
  const head =
    ok === undefined ? `${style.warning('?')} ${name} not checked` : `${style.bad('✗')} ${name} ${code}`;
  return [
    head,
    ...(ok === undefined
      ? []
      : [`    found     ${printable(found)}`, `    expected  ${printable(expected)}`]),
    ...(hint === undefined ? [] : [`    ${style.warning('→')} ${printable(hint)}`]),
  ];
}

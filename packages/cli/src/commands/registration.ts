import { type Duration, secondsOf } from '@entra-guard/core';
import type { Command } from 'commander';
import { loadApp } from '../app/load-app.js';
import { readApplication } from '../app/read-application.js';
import { BadInputError } from '../bad-input.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import type { Style } from '../output/style.js';
import {
  type CredentialFacts,
  type RegistrationFacts,
  registrationsIn,
} from '../registration/registration-facts.js';
import { daysUntil, findingsIn, type RegistrationFinding } from '../registration/registration-findings.js';
import type { Perform, Session } from '../session.js';
import { APP_ARGUMENT, CATALOGUE_OPTION } from './inventory.js';

interface Options {
  readonly owners?: string;
  readonly federated?: string;
  readonly within: string;
  readonly app?: string;
  readonly strict?: true;
  readonly json?: true;
  readonly catalogue?: readonly string[];
}

/** `entra-guard registration <application.json>`: who owns it, and until when its credentials are good. */
export function addRegistration(program: Command, perform: Perform): void {
  program
    .command('registration')
    .description(
      'Tell until when the credentials of app registrations are good, who owns them, and what is unsafe.',
    )
    .summary('who owns an app registration, and until when it works')
    .argument(
      '<application.json>',
      'what az ad app show or list, or Microsoft Graph v1.0, gave; - is standard input',
    )
    .option('--owners <file>', 'what az ad app owner list, or /applications/{id}/owners, gave')
    .option(
      '--federated <file>',
      'what az ad app federated-credential list, or /applications/{id}/federatedIdentityCredentials, gave',
    )
    .option('--within <duration>', 'how far to look ahead', '30d')
    .option('--app <app>', `names who is on call, from the catalogue of ${APP_ARGUMENT}`)
    .option('--strict', 'exit with 1 for warnings as well')
    .option('--json', 'print everything as one JSON document')
    .option('-c, --catalogue <module...>', CATALOGUE_OPTION)
    .addHelpText('after', HELP)
    .action((application: string, options: Options) =>
      perform((session) => registration(session, application, options)),
    );
}

const HELP = `
Federated credentials do not end, and are not in what az ad app show prints: --federated adds them, as --owners adds the owners.
Who is on call is told of the registration whose application ID URI the catalogue has. No secret is in these documents, and none is printed.

Exit codes:
  0  no credential has ended, or ends within the time
  1  one has, or does; with --strict also for warnings
  2  the file is not an app registration, or an option is wrong

Examples:
  $ az ad app show --id <client ID> | entra-guard registration -
  $ az ad app owner list --id <client ID> > owners.json
  $ az ad app show --id <client ID> | entra-guard registration - --owners owners.json --within 60d
  $ az ad app list --show-mine | entra-guard registration - --json`;

interface Judged {
  readonly facts: RegistrationFacts;
  readonly findings: readonly RegistrationFinding[];
}

async function registration(session: Session, where: string, options: Options): Promise<ExitCode> {
  const { owners, federated, within, strict, json, app, catalogue } = options;
  if (catalogue !== undefined && app === undefined) {
    throw new BadInputError(
      '--catalogue is given without --app.',
      'Name the application that the catalogue belongs to: --app dist/app.js.',
    );
  }
  const withinMs = secondsOf('--within', within as Duration, { least: 0, most: '3650d' }) * 1_000;
  const document = await readApplication(session, where);
  const ownersDocument = owners === undefined ? undefined : await readApplication(session, owners);
  const federatedDocument = federated === undefined ? undefined : await readApplication(session, federated);
  const now = session.now();
  const judged = registrationsIn(document, ownersDocument, federatedDocument).map((facts) => ({
    facts,
    findings: findingsIn(facts, now, withinMs),
  }));
  const duties = app === undefined ? [] : await dutiesIn(session, app, catalogue);
  if (json) writeJson(session.stdout, documentOf(judged, duties, now));
  else print(session, judged, duties, now);
  const isBad = ({ severity }: RegistrationFinding) => strict === true || severity !== 'warning';
  return judged.some(({ findings }) => findings.some(isBad)) ? EXIT.findings : EXIT.done;
}

/** Whom to call about an API, as the code says. */
interface Duty {
  readonly api: string;
  readonly text: string;
}

async function dutiesIn(
  session: Session,
  app: string,
  catalogue: readonly string[] | undefined,
): Promise<readonly Duty[]> {
  const { inventory } = await loadApp(session, app, catalogue);
  return inventory.catalogues.flatMap(({ api, owner }) => {
    if (owner === undefined) return [];
    const contact = owner.onCall ?? owner.contact;
    return [{ api, text: contact === undefined ? owner.team : `${owner.team} (${contact})` }];
  });
}

function onCallOf(
  { clientId, identifierUris }: RegistrationFacts,
  duties: readonly Duty[],
): readonly string[] {
  return duties
    .filter(({ api }) => identifierUris.includes(api) || api === `api://${clientId}`)
    .map(({ text }) => text);
}

function documentOf(judged: readonly Judged[], duties: readonly Duty[], now: number): object {
  return {
    registrations: judged.map(({ facts: { credentials, ...facts }, findings }) => ({
      ...facts,
      owners: facts.owners ?? null,
      onCall: onCallOf({ credentials, ...facts }, duties),
      credentials: credentials.map(({ startsAt, endsAt, ...one }) => ({
        ...one,
        starts: isoOf(startsAt),
        ends: isoOf(endsAt),
        daysLeft: endsAt === undefined ? null : daysUntil(endsAt, now),
      })),
      findings,
    })),
  };
}

const isoOf = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();

function print(
  { stdout, style }: Session,
  judged: readonly Judged[],
  duties: readonly Duty[],
  now: number,
): void {
  for (const { facts, findings } of judged) {
    stdout.write(`${style.bold(printable(facts.name))} ${style.faint(printable(facts.clientId))}\n`);
    stdout.write(
      `  Owners: ${facts.owners === undefined ? 'not told' : printable(facts.owners.join(', ')) || 'none'}\n`,
    );
    const onCall = onCallOf(facts, duties);
    if (onCall.length > 0) stdout.write(`  On call, as the code says: ${printable(onCall.join(', '))}\n`);
    if (facts.credentials.length === 0)
      stdout.write('  No credentials: it validates tokens, and asks for none.\n');
    for (const one of facts.credentials) stdout.write(`  ${credentialLine(one, now)}\n`);
    for (const finding of findings) stdout.write(findingLines(finding, style));
    if (findings.length === 0) stdout.write(`  ${style.good('✓')} Nothing needs attention.\n`);
  }
}

function credentialLine({ kind, name, endsAt, subject }: CredentialFacts, now: number): string {
  const what = `${kind} ${printable(name)}`;
  if (endsAt === undefined) {
    return `${what}${subject === undefined ? '' : ` of ${printable(subject)}`}: no end`;
  }
  const days = daysUntil(endsAt, now);
  const left = days < 0 ? 'ended' : `${days} day${days === 1 ? '' : 's'} left`;
  return `${what}: ${new Date(endsAt).toISOString().slice(0, 10)}, ${left}`;
}

function findingLines({ severity, message, fix }: RegistrationFinding, style: Style): string {
  const sign = severity === 'warning' ? style.warning('!') : style.bad('✗');
  return `  ${sign} ${printable(message)}\n      ${printable(fix)}\n`;
}

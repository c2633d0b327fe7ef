import { type Difference, INTENDED, OTHER_WORDS } from './intended.js';
import type { Row } from './row.js';
import { ROWS } from './rows.js';

const all = Object.values(ROWS).flat();

const count = (differences: readonly Difference[]): number =>
  differences.reduce((sum, { rows }) => sum + rows.length, 0);

const differing = Object.values(INTENDED).reduce((sum, differences) => sum + count(differences), 0);

const BEFORE = `# Differences from passport-azure-ad

\`BearerStrategy\` of \`@entra-guard/passport\` takes the options and callbacks of passport-azure-ad 4.3.5. This page lists all that
it does differently, with the reason, and what to do where something depended on the old way.

The tests play ${all.length} situations with both of them, side by side: the same options, the same requests, and the same
authority, which answers over TLS at the addresses of production. In ${all.length - differing} of them both do the same: the same requests are let in,
with the same claims, user and \`authInfo\`, and the same ones are refused, with the same status. The other ${differing} are on this
page. A difference that is not on it fails the tests, and so does one that is not there any more. The column of the original is what was
seen.

## For every refusal: the challenge

passport-azure-ad writes plain text into \`WWW-Authenticate\`, such as \`token is not found\`, which clients take for the name of a
scheme. Ours writes what RFC 6750 asks for, such as \`Bearer realm="…", error="invalid_token",
error_description="The access token has expired."\`, and in NestJS, where there was no challenge at all, too. In a custom callback
it is the third argument, and the fourth is the status.

\`legacyResponses: true\` brings the old texts and statuses back for clients that depend on them.

## Logs

By default passport-azure-ad does not log refusals. With \`loggingLevel: 'info'\` it does, and with
\`loggingNoPII: false\` as well it writes [whole tokens to the console](../test/oracles/passport-azure-ad/console.test.ts). Ours says at level
\`warn\`, which is the default of both, which check failed and what to do, and never writes a token.
`;

/** docs/passport-differences.md. */
export function page(): string {
  const chapters = Object.entries(INTENDED).map(([title, differences]) => chapter(title, differences));
  return [BEFORE, ...chapters, legacy()].join('\n');
}

function chapter(title: string, differences: readonly Difference[]): string {
  return [`## ${title}\n`, ...differences.map(section)].join('\n');
}

function section({ title, reason, instead, rows }: Difference): string {
  const lines = rows
    .map(rowNamed)
    .map((row) => `| ${cell(row.name)} | ${seen(row.original)} | ${seen(row.ours)} |`);
  const text = instead === undefined ? reason : `${reason}\n\n**Instead:** ${instead}`;
  return `### ${title}\n\n${text}\n\n| situation | passport-azure-ad | entra-guard |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}

function legacy(): string {
  const sections = OTHER_WORDS.map(({ title, reason, rows }) => {
    const lines = rows
      .map(rowNamed)
      .map((row) => `| ${cell(row.name)} | ${seen(row.original)} | ${seen(row.legacy ?? row.original)} |`);
    return `### ${title}\n\n${reason}\n\n| situation | passport-azure-ad | entra-guard |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return [
    '## Other texts in spite of `legacyResponses`\n',
    'The status is the same. Only the text differs.\n',
    ...sections,
  ].join('\n');
}

/** @throws Error if there is no such row */
export function rowNamed(name: string): Row {
  const row = all.find((one) => one.name === name);
  if (row === undefined) throw new Error(`intended.ts names '${name}', and no row is called so.`);
  return row;
}

function seen(text: string | readonly string[]): string {
  return [text].flat().map(short).map(cell).join('<br>then ');
}

const CHALLENGE = /Bearer error=\\?"(\w+)\\?", error_description=\\?"([^"\\]*)\\?"(, scope=\\?"[^"]*")?/;

/** Without what is the same in every row. */
function short(text: string): string {
  return text
    .replace(/^200, user (\{\}, authInfo claims|claims, authInfo undefined)$/, '200')
    .replace(CHALLENGE, '$1: $2')
    .replace(/^throws: (In BearerStrategy constructor: )?/, 'error at start: ')
    .replace(/; Bearer$/, '; a challenge without an error');
}

/** As it is, in a table of Markdown. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

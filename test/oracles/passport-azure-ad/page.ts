import { type Difference, INTENDED, OTHER_WORDS } from './intended.js';
import type { Row } from './row.js';
import { ROWS } from './rows.js';

const all = Object.values(ROWS).flat();

const count = (differences: readonly Difference[]): number =>
  differences.reduce((sum, { rows }) => sum + rows.length, 0);

const differing = Object.values(INTENDED).reduce((sum, differences) => sum + count(differences), 0);

const BEFORE = `# Differences from passport-azure-ad

\`BearerStrategy\` of \`@entra-guard/passport\` takes the options and callbacks of passport-azure-ad 4.3.5. This page lists all that
it does differently, with the reason, and what to do if something depends on the old behaviour.

The tests run ${all.length} situations with both, with equal options, requests and documents of an authority that answers over TLS
at the production addresses. In ${all.length - differing} of them both do the same: they accept the same requests, with the same claims, user and
\`authInfo\`, and refuse the others with the same status. The other ${differing} are on this page. A difference that is not on it fails
the tests, and so does one that no longer exists. The column of the original shows what was seen.

## For every refusal: the challenge

passport-azure-ad writes plain text into \`WWW-Authenticate\`, such as \`token is not found\`, which clients take for the name of a
scheme. entra-guard writes the challenge of RFC 6750, such as \`Bearer realm="…", error="invalid_token",
error_description="The access token has expired."\`. It does so in NestJS too, where passport-azure-ad has no challenge. In a
custom callback the challenge is the third argument, and the status is the fourth.

\`legacyResponses: true\` brings the old texts and statuses back for clients that depend on them.

## Logs

By default passport-azure-ad does not log refusals. With \`loggingLevel: 'info'\` it does, and with \`loggingNoPII: false\` too it
writes [whole tokens to the console](../test/oracles/passport-azure-ad/console.test.ts). entra-guard logs at level \`warn\`, the
default of both, which check failed and what to do. It never logs a token.
`;

/** Returns the text of docs/passport-differences.md. */
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
    '## Other texts with `legacyResponses`\n',
    'The status is the same. Only the text differs.\n',
    ...sections,
  ].join('\n');
}

/**
 * Finds a row by its name.
 * @throws Error if there is no such row
 */
export function rowNamed(name: string): Row {
  const row = all.find((one) => one.name === name);
  if (row === undefined) throw new Error(`intended.ts names '${name}', but no row has this name.`);
  return row;
}

function seen(text: string | readonly string[]): string {
  return [text].flat().map(short).map(cell).join('<br>then ');
}

const CHALLENGE = /Bearer error=\\?"(\w+)\\?", error_description=\\?"([^"\\]*)\\?"(, scope=\\?"[^"]*")?/;

/** Removes the parts that are equal in every row. */
function short(text: string): string {
  return text
    .replace(/^200, user (\{\}, authInfo claims|claims, authInfo undefined)$/, '200')
    .replace(CHALLENGE, '$1: $2')
    .replace(/^throws: (In BearerStrategy constructor: )?/, 'error at start: ')
    .replace(/; Bearer$/, '; a challenge without an error');
}

/** Escapes a text for a Markdown table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

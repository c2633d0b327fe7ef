import { explain, type Finding } from '@entra-guard/core';
import { expect, it } from 'vitest';
import { SITUATIONS } from '../../packages/core/test/explain/situations.js';
import { API, documents, NOW, signed, TENANT, userClaims } from '../support/forger.js';

const INTRODUCTION = `# Why was this token refused?

\`explain(token, options)\` runs every check on a token, instead of stopping at the first that fails, and says for each what
was found, what was expected and what to do. It never shows the token or a part of it.

<!-- check: prelude=express -->
\`\`\`ts
import { explain } from '@entra-guard/core';

declare const token: string;

for (const { check, ok, found, expected, hint } of await explain(token, { tenantId, clientId })) {
  console.log(ok ? 'ok ' : 'BAD', check, 'found', found, 'expected', expected, hint ?? '');
}
\`\`\`

It is for people and tools, not for decisions: \`isRevoked\` and a \`tenants\` function are not asked. By default it reads the
authority's metadata and keys. With \`{ keys: false }\` it asks no authority and leaves the signature open; of the issuer it says
whether it can be the authority's at all. With \`{ requirement }\` it judges that as well;
\`parseRequirement(text)\` makes one of text. On the command line it is \`entra-guard explain --require "scopes('Orders.Read')"\`.

## Anything else that was pasted

\`entra-guard explain\` takes more than tokens: an AADSTS code or message, the answer of a token endpoint, an address that Entra has sent a
browser to or back to, a log line, an audit event, a problem document or a challenge of a guarded API. It says what it means, who has to
change something (the client's registration or code, the API's, the tenant, the person), and the one change; whom to call, where the line
names an \`owner\`; and the correlation ID for Entra's sign-in logs. Tokens, codes and secrets in the text are not printed.

\`\`\`text
$ entra-guard explain AADSTS650053
An error of Microsoft Entra.

AADSTS650053
  The scope does not exist on the resource. With 00000003-0000-0000-c000-000000000000 in the text, Entra took a short scope for one of Microsoft Graph.
  whose: the client's code
  change: Ask for the scope in full, api://<API>/<scope>, and compare its spelling with Expose an API.
  docs/troubleshooting.md#aadsts650053
\`\`\`

Every code is on [the page of causes and fixes](troubleshooting.md).

## Fifteen situations

What follows is printed by the code, for the situations that fill issue trackers. Checks that pass are left out.
[Another page](explain-samples.md) has every kind of token that Entra issues, wrong in each of these ways.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function section(title: string, findings: readonly Finding[]): string {
  const rows = findings
    .filter(({ ok }) => !ok)
    .map(({ check, ok, code, found, expected, hint }) =>
      [
        `**${check}**${ok === undefined ? ' (not checked)' : ` \`${code}\``}`,
        `- found: ${cell(found)}`,
        `- expected: ${cell(expected)}`,
        `- ${cell(hint ?? '')}`,
      ].join('\n'),
    );
  return `## ${title}\n\n${rows.join('\n\n')}\n`;
}

it('docs/explain.md holds what explain prints', async () => {
  const parts = [INTRODUCTION];
  for (const { title, token, options, more } of SITUATIONS) {
    parts.push(section(title, await explain(token, options, more)));
  }
  const unreachable = { tenantId: TENANT, clientId: API, fetch: documents({}).fetch, now: () => NOW };
  parts.push(section('The authority can not be reached', await explain(signed(userClaims()), unreachable)));
  await expect(parts.join('\n')).toMatchFileSnapshot('../../docs/explain.md');
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CLIENTS } from '../../../packages/cli/src/mcp/clients.js';
import { runCommand } from '../../../packages/cli/test/run-command.js';

const MCP = 'https://mcp.contoso.com/mcp';
const AS = 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0';

/** Texts that mean something to a client, steer a terminal, or neither. */
const text = fc.oneof(
  fc.constantFrom(
    MCP,
    `${MCP}/`,
    'https://mcp.contoso.com',
    AS,
    `${MCP}/Orders.Read`,
    'S256',
    '',
    'offline_access',
  ),
  fc.constantFrom('\u001b[2J', '\u202e', '\n✓ answer', 'http://[', 'https://a\u0000b', '__proto__'),
  fc.string({ unit: 'binary' }),
);
const value = fc.oneof({ weight: 4, arbitrary: text }, fc.array(text, { maxLength: 4 }), fc.jsonValue());
const NAMES = [
  ...['resource', 'authorization_servers', 'scopes_supported', 'issuer', 'authorization_endpoint'],
  ...['code_challenge_methods_supported', 'registration_endpoint', 'client_id_metadata_document_supported'],
  '__proto__',
];
const body = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), value).map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.jsonValue().map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.string() },
);
/** What a header may hold: undici refuses the rest before a client sees it. */
const header = fc.oneof(
  fc.constantFrom(
    `Bearer resource_metadata="${MCP}", scope="a b"`,
    'Bearer resource_metadata="http://[", scope=""',
    'bearer',
    'Bearer realm="\\"',
    'Basic, ,=, Bearer =, a="',
  ),
  fc.string({ unit: 'grapheme-ascii' }),
);
const answer = fc.record({
  status: fc.oneof(fc.constantFrom(200, 401, 401, 401, 302, 403, 500), fc.integer({ min: 200, max: 599 })),
  challenge: header,
  location: header,
  origin: fc.constantFrom(undefined, '*', 'null', 'https://attacker.example'),
  body,
});

it('whatever a server answers, the doctor judges every client, and writes nothing that steers a terminal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 12 }), async (answers) => {
      let next = 0;
      const fetch = async () => {
        const {
          status,
          challenge,
          location,
          origin,
          body: content,
        } = answers[next++ % answers.length] as (typeof answers)[0];
        const empty = status === 204 || status === 205 || status === 304;
        return new Response(empty ? null : content, {
          status,
          headers: {
            'content-type': 'application/json',
            'www-authenticate': challenge,
            location,
            ...(origin === undefined ? {} : { 'access-control-allow-origin': origin }),
          },
        });
      };
      const page = await runCommand(['doctor', '--mcp', MCP], { fetch });
      expect([0, 1]).toContain(page.code);
      expect(page.stderr).toBe('');
      expect(page.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(Math.max(...page.stdout.split('\n').map(({ length }) => length))).toBeLessThan(4000);
      next = 0;
      const { stdout } = await runCommand(['doctor', '--mcp', MCP, '--json'], { fetch });
      const { clients } = JSON.parse(stdout) as { readonly clients: readonly { readonly client: string }[] };
      expect(clients.map(({ client }) => client)).toEqual(CLIENTS);
    }),
    { numRuns: 60 },
  );
}, 30_000);

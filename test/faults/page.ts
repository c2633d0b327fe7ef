import { fileOf } from '../docs/readme/page.js';
import { CONTENDERS } from './contenders.js';
import type { Row } from './play.js';

const recipe =
  /\/\/ begin\n([\s\S]*?)\/\/ end/.exec(fileOf('test/faults/proxy-recipe.ts'))?.[1]?.trimEnd() ?? '';

const BEFORE = `# Signing keys

An access token can be trusted as far as the key that signed it. This page says how entra-guard gets keys, how long it trusts them,
and what your callers see when Entra can't be reached, changes its keys, or is being flooded.

You don't need it to start: the defaults are meant for production.

![How signing keys are read and how long they are trusted](images/concepts/keys.svg)

## How keys are read

The first token, or \`ready()\`, makes the validator read two documents of the authority: its metadata, which names the
issuer and the place of the keys, and the key set. Both are kept.

- **Read once.** However many requests wait, each document is read once. Validators of a process share documents if they have the
  same \`fetch\`, clock and limits.
- **Refreshed by age.** After \`softAge\` the next request starts a refresh in the background and is answered from the copy. A key that
  was taken from the set is gone with that refresh. If no request came for twice that time, the first one waits for the refresh: the
  copy is too old to trust unchecked. While attempts fail no request waits.
- **Last known good.** If refreshing fails, known keys work until \`hardAge\`. From then on they are not trusted.
- **Replaced whole.** A set without a usable key is a failed refresh, and the old set stays. A single invalid key is skipped and
  logged.
- **Bounded.** One time limit covers connecting, headers and body together. Size is limited, a set has at most 1,000 keys, redirects
  are not followed, and only https is read (loopback excepted). The metadata has to name the right tenant, and a key set on a host of
  Microsoft or of the authority.
- **Cheap checks first.** A token with a wrong form, issuer, audience or time is refused before any request to the authority.
- **Many tenants.** For a list of tenants, metadata and keys of each tenant are kept, twice where tokens of both versions come (about
  5 kB a document). Five thousand tenants work as one does, also through an outage. Of documents that no accepted token has needed
  yet, 4,096 are kept. One tenant's outage affects no other tenant.

Nothing of this keeps the process alive, and \`close()\` ends it at once.

## When a key is not known

Either Entra has just changed its keys, or a caller made the key ID up. The key set is read again, once for all requests that wait,
and at most once in \`coolDown\`. If the key is not in it, the token is refused with 401.

Within the cool-down this can't be decided. The answer is **503 with \`Retry-After\`**, the time that is left: a token with a new key
must not look like an invalid one. Only a token that is older than the key set is refused at once, because its key would be in the
set.

Where several tenants are accepted (a list, or several authorities), all tenants of a kind (workforce, B2C, External ID)
share one cool-down. A token with an unknown key ID begins it, whichever tenant it names, and within it each such
token gets the same 503 with the same \`Retry-After\`, however old it is. Outside, each gets the same 401,
\`token_not_accepted\`. Otherwise a made-up key ID would show who your customers are. A listed tenant's keys are still
read, so a new key is found; for a tenant that is not listed nothing is requested. The log has the reason, as the cause of the 503.

## Tokens that name many tenants

Any caller can send tokens with made-up key IDs for one accepted tenant after another. What such tokens make a process fetch is
bounded over all its validators: sixty requests for unknown keys at once and then one in two seconds; 10,000 first readings of
documents, as when the callers of thousands of tenants come after a start, and then ten a second. Beyond that the answer is 503.
Once half of the readings are used, those that led to an accepted token are given back. So tenants with callers don't use them up,
however many there are.

A tenant with an accepted token has a separate share, one request for an unknown key and one reading in five minutes, which junk that
names other tenants can't use up. Its documents are not displaced by those of tenants without callers.

## When Entra can't be reached

Failed attempts are repeated after a pause that grows from one second to thirty, or after the time that Entra's \`Retry-After\` asks
for, up to five minutes. In between no request waits: tokens with a known key are served, and all others get 503 at once.

**503 with \`Retry-After\` means: the token may be valid, and can't be judged now.** It is never 401, because clients then throw their
token away and sign in again, and it never lets a caller in. Clients should keep the token and try again after that many seconds.
[The page on answers](answers.md#keys-are-unavailable) shows the answer.

An API whose authority is down still starts. It logs the reason once, answers 503, and recovers when the authority does.

## Starting, and readiness probes

\`guard.health()\` reads the keys if they have not been read, and reports their status. It never rejects, so call it before \`listen\`.
A readiness probe can call it at any rate:

<!-- check: prelude=express -->
\`\`\`ts
import { anonymous, entraGuard } from '@entra-guard/express';

const guard = entraGuard({ tenantId, clientId });

app.get('/ready', guard.require(anonymous().because('the platform asks')), async (request, response) => {
  const { status, message } = await guard.health();
  response.status(status === 'down' ? 503 : 200).json({ status, message });
});

await guard.health(); // the first caller doesn't wait for keys, and the log says if they are unavailable
app.listen(3000);
\`\`\`

| status     | means                                                                                                |
| ---------- | ---------------------------------------------------------------------------------------------------- |
| \`up\`       | keys are there and fresh                                                                             |
| \`degraded\` | a document can't be read; known keys work, and \`message\` says until when. Alert the operator before then |
| \`down\`     | no key is loaded that may be trusted: requests are answered 503                                      |

\`message\` names no tenant and no address; \`parts\` has each document with its URL, age and last error, so keep that for operators.
\`guard.close()\` ends it all when the application shuts down; \`await using guard = entraGuard(…)\` does so in a script.

With NestJS and @nestjs/terminus, inject \`EntraHealthIndicator\`:

<!-- check: prelude=nestjs -->
\`\`\`ts
import { EntraHealthIndicator, Public } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';

@Controller()
export class ProbeController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly entra: EntraHealthIndicator,
  ) {}

  @Get('ready')
  @Public('the platform asks')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.entra.isHealthy(this.indicators.check('entra'))]);
  }
}
\`\`\`

terminus 10 has no \`HealthIndicatorService\`: write \`this.entra.isHealthy('entra')\` there. terminus 12 shows
\`degraded\`; in 10 and 11 it is \`up\` with a message.

Of a long list of tenants the first ten are loaded ahead; the others are read when their callers come. A validator without a guard has
\`ready()\`, which rejects while keys are unavailable, \`health()\`, and \`state()\`, which reports on each document.

## Events

Every reading, failure and change of keys is an event of the type \`keys\`. [\`observe\`](observability.md) logs and counts them;
\`onEvent\` hands them to you:

<!-- check: prelude=express -->
\`\`\`ts
import { onEvent } from '@entra-guard/express';

onEvent(
  (event) => {
    if (event.change === 'removed') console.warn(\`keys \${event.keyIds.join(', ')} are \${event.why}\`);
    if (event.change === 'stale') console.error(\`\${event.url} is served from a copy: \${event.reason}\`);
  },
  { types: ['keys'] },
);
\`\`\`

| \`change\`    | when                                                                                            |
| ----------- | ----------------------------------------------------------------------------------------------- |
| \`refreshed\` | a document was read: \`why\` (\`first\`, \`age\`, \`unknown_key\`), the key IDs, and which were added |
| \`failed\`    | an attempt failed: the reason, when the next may come, until when the current copy works         |
| \`stale\`     | a copy is past its soft age and could not be refreshed; once for each copy                       |
| \`removed\`   | keys are no longer trusted: \`unpublished\`, \`replaced\` under the same ID, or \`expired\`         |

The log has fewer lines: one when an outage begins, when its reason changes, every ten minutes, and when it is over.

## Starting from saved keys

A serverless function that starts cold reads two documents before it can answer; a site without a network can read none.
\`validator.snapshot()\` returns the loaded documents as plain JSON, and \`keys.seed\` takes them:

<!-- check: prelude=express -->
\`\`\`ts
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { entraGuard } from '@entra-guard/express';

const file = '/var/lib/orders/entra-keys.json';
const seed = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
const guard = entraGuard({ tenantId, clientId, keys: { seed } });

await guard.health();
writeFileSync(file, JSON.stringify(guard.validator.snapshot()));
\`\`\`

Saved keys age from when they were fetched: past \`softAge\` they are refreshed, past \`hardAge\` they are not used. A site
without a network needs a \`hardAge\` as long as the time between two deliveries of a file. A copy that does not fit the options is
left out and logged; a value that is not a snapshot is a ConfigurationError.

A snapshot holds no secret, but **a program that can write the file decides which keys are trusted**: keep it where only your
deployment writes.

## Options

<!-- check: prelude=express -->
\`\`\`ts
import { entraGuard } from '@entra-guard/express';

export const strict = entraGuard({ tenantId, clientId, keys: { softAge: '10m', hardAge: 0 } });
\`\`\`

| option     | default   | means                                                                                               |
| ---------- | --------- | --------------------------------------------------------------------------------------------------- |
| \`softAge\`  | 1 h       | from this age on keys are refreshed in the background. A removed key is trusted about as long        |
| \`hardAge\`  | 24 h      | from this age on keys are no longer trusted, if every refresh has failed. \`0\`: as \`softAge\`         |
| \`coolDown\` | 30 s      | least time between two refreshes that unknown key IDs cause                                          |
| \`timeout\`  | 5 s       | for one whole exchange                                                                              |
| \`maxBytes\` | 1,048,576 | largest document                                                                                    |
| \`seed\`     | none      | [saved keys](#starting-from-saved-keys) to start with                                               |

Times are durations: a number of seconds, or text such as \`'10m'\`. With a smaller \`softAge\` removals take effect sooner and Entra gets more requests; with a smaller
\`hardAge\` an outage of Entra becomes yours sooner. Microsoft advises to refresh every hour and to keep keys for a day.

## Proxies

Node's \`fetch\` ignores proxies by default. All requests of entra-guard go through the option \`fetch\`, so give one that uses the
proxy; undici has a \`ProxyAgent\`:

\`\`\`bash
npm install undici
\`\`\`

\`\`\`ts
import { type ValidatorOptions } from '@entra-guard/core';
import { type Dispatcher, ProxyAgent, fetch as undiciFetch } from 'undici';

${recipe}

export const options: ValidatorOptions = {
  tenantId: process.env.ENTRA_GUARD_TENANT_ID ?? '',
  clientId: process.env.ENTRA_GUARD_CLIENT_ID ?? '',
  fetch: fetchThrough(new ProxyAgent('http://proxy.contoso.example:3128')),
};
\`\`\`

A proxy with a password takes \`new ProxyAgent({ uri, token: 'Basic …' })\`; a proxy that puts its own certificate into the
connection takes \`requestTls: { ca }\`. Make the function once and use it for all validators: those with the same \`fetch\` share
their keys.

[A test](../test/faults/proxy.test.ts) runs this against a real proxy. Nothing goes past the proxy, and when it is down or
refuses the connection, the answer is 503 until it works again.

## What happens when

Each test run performs every row with real servers on loopback and a clock that the test controls, for entra-guard and for three
libraries that are often used for this. The column of entra-guard is what the tests require. The other columns are what was seen,
with the defaults of those libraries. The table is printed from the results.

- Each has its own authority, which counts requests. entra-guard reads two documents and the others only the key set.
- Clients send requests one after another, or all at once if the authority hangs. All libraries have the same time limit.
- "Refused (401)" is an error that looks like that of an invalid token. If the class or code of an error shows that keys are missing,
  the others also get "undecided (503)", although the application has to look for it: the usual middleware around them answers 401
  or 500 to both.
- "Recovers" and "after" are in the time of that clock, looked at after 0, 1, 10 and 30 s, 1, 2, 10 and 11 min, 1 h, 61 min,
  10, 11 and 25 h. "Not within 25 h" means that it had not happened after 25 h.
- aws-jwt-verify waits for ten seconds after a made-up \`kid\`, by the test's clock.
- Where entra-guard takes longer than others, this is intended: it waits a second after a failure instead of sending a request for
  every token, it obeys \`Retry-After\`, and it reads keys once an hour (\`softAge\`) instead of every ten minutes.

`;

const AFTER = `
jose is ${'`createRemoteJWKSet`'} of 6.2.17, jwks-rsa is 4.1.0 with its cache and without its rate limit, aws-jwt-verify is
5.2.1. None of them has a \`close()\` or bounds the keys of many tenants, so these two are not in the table:

- [\`close()\` in the middle of everything](../test/faults/close.test.ts): 50 clients that wait for an authority that hangs get
  503 at once, no request follows, and no socket or timer stays.
- [5,000 tenants](../test/faults/tenants.test.ts): 4,096 documents are kept, those used last stay, and an outage of one
  tenant affects no other.

[A soak test](../test/faults/soak) plays an hour of operation with all faults, rotations, clock steps and restarts drawn at random. At
each step a model that is independent of the code says which answers are right. A short run is part of the tests. The hour prints its
seed, and takes one to repeat it:

\`\`\`bash
node scripts/soak.mjs
\`\`\`
`;

/** Returns the text of docs/keys.md, with the table of what was seen. */
export function page(seen: ReadonlyMap<Row, readonly (readonly string[])[]>): string {
  const lines = [
    `| situation | ${CONTENDERS.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(CONTENDERS.length)}`,
    ...[...seen].map(
      ([{ name }, cells]) => `| **${name}** | ${cells.map((cell) => cell.join('<br>')).join(' | ')} |`,
    ),
  ];
  return `${BEFORE}${lines.join('\n')}\n${AFTER}`;
}

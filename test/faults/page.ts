import { fileOf } from '../docs/readme/page.js';
import { CONTENDERS } from './contenders.js';
import type { Row } from './play.js';

const recipe =
  /\/\/ begin\n([\s\S]*?)\/\/ end/.exec(fileOf('test/faults/proxy-recipe.ts'))?.[1]?.trimEnd() ?? '';

const BEFORE = `# Signing keys

An access token is as good as the key that signed it. This page says how entra-guard gets keys, how long it trusts them, and
what your callers see when Entra can't be reached, changes its keys, or is asked to death by somebody else.

You need none of it to start: the defaults are meant for production.

## How keys are read

The first token, or \`ready()\`, makes the validator read two documents of the authority: its metadata, which names the
issuer and the place of the keys, and the key set. Both are kept.

- **One reader.** However many requests wait, each document is read once. Validators of a process share documents if they
  have the same \`fetch\`, clock and limits.
- **Refreshed by age.** After \`softAge\` the next request starts a refresh in the background and is answered from what is
  there. A key that was taken from the set is gone with that refresh. If nobody came for twice that time, the first request
  waits for the refresh: what is there says too little about today. While attempts fail nobody waits.
- **Last known good.** If refreshing fails, known keys go on until \`hardAge\`. Then they are not trusted any more.
- **Replaced whole.** A set in which no key can be used is a failed refresh, and the old one stays. A single bad key is
  passed over and logged.
- **Bounded.** One time limit holds for connecting, headers and body together; then there is a limit of size, at most 1,000
  keys, no redirects, https only (loopback excepted). The metadata has to name the right tenant, and a key set on a host of
  Microsoft's or of the authority.
- **Cheap checks first.** A token with a wrong form, issuer, audience or time is refused before anybody is asked.
- **Many tenants.** All that a list of tenants needs is kept: metadata and keys of each, twice where tokens of both versions
  come (about 5 kB a document). Five thousand tenants work as one does, also through an outage. Of documents that no good
  token has needed yet, 4,096 are kept. One tenant's outage touches no other tenant.

Nothing of this holds the process open, and \`close()\` ends it at once.

## When a key is not known

Perhaps Entra has just changed its keys, perhaps somebody makes key IDs up. The key set is read again, once for everybody who
waits, and at most once in \`coolDown\`. If the key is not in it, the token is refused with 401.

Within the cool-down nobody can know. The answer is **503 with \`Retry-After\`**, the time that is left: a token with a brand
new key must not read as a bad one. Only a token that is older than the key set is refused right away, because its key would
be in the set.

Where several tenants are accepted (a list, or several authorities), all tenants of a kind (workforce, B2C, External ID)
have one cool-down for that. A token with an unknown key ID begins it, whichever tenant it names, and within it each such
token gets the same 503 with the same \`Retry-After\`, however old it is. Outside, each gets the same 401,
\`token_not_accepted\`. Otherwise a made-up key ID would show who your customers are. A listed tenant's keys are looked at all
the same, so a new key is found; for a tenant that isn't listed nothing is asked. The log has the reason, as the cause of the
503.

## Tokens that name many tenants

Anybody can send tokens with made-up key IDs for one accepted tenant after another. What they can make a process fetch is
bounded over all its validators: sixty looks for unknown keys at once and then one in two seconds; 10,000 first readings of
documents, as when the callers of thousands of tenants come after a start, and then ten a second. What would go beyond is
answered 503. A reading for which a good token comes is given back once half of them are used, so however many tenants have
callers, they don't use them up.

A tenant from which a good token has come has a share of its own, one look and one reading in five minutes, which junk
that names other tenants can't use up. Its documents are not pushed out by those of tenants nobody comes from.

## When Entra can't be reached

Failed attempts are repeated after a pause that grows from one second to thirty, or after what Entra's own \`Retry-After\`
says, up to five minutes. In between nobody waits: whoever has a known key is served, and everybody else gets 503 at once.

**503 with \`Retry-After\` means: the token may be good, and can't be judged now.** It is never 401, because clients take that
for a reason to throw their token away and sign in again, and it is never a pass. Clients should keep the token and come back
after so many seconds. How the answer looks is on [the page on answers](answers.md#keys-are-unavailable).

An API whose authority is down still starts. It logs what is wrong, once, answers 503, and recovers by itself.

## Starting, and readiness probes

\`guard.health()\` reads the keys if nobody has yet, and says how things stand. It never rejects, so it can stand in front of
\`listen\`, and a readiness probe can ask it as often as it likes:

<!-- check: prelude=express -->
\`\`\`ts
import { anonymous, entraGuard } from '@entra-guard/express';

const guard = entraGuard({ tenantId, clientId });

app.get('/ready', guard.require(anonymous().because('the platform asks')), async (request, response) => {
  const { status, message } = await guard.health();
  response.status(status === 'down' ? 503 : 200).json({ status, message });
});

await guard.health(); // the first caller doesn't wait for keys, and the log says if they can't be had
app.listen(3000);
\`\`\`

| status     | means                                                                                                |
| ---------- | ---------------------------------------------------------------------------------------------------- |
| \`up\`       | keys are there and fresh                                                                             |
| \`degraded\` | something can't be read; known keys serve, and \`message\` says until when. Wake somebody before it ends |
| \`down\`     | no key is at hand that may be trusted: requests are answered 503                                     |

\`message\` names no tenant and no place; \`sources\` does, so keep that for operators.

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

terminus 10 has no \`HealthIndicatorService\`: write \`this.entra.isHealthy('entra')\` there. terminus 12 shows \`degraded\` as it
is; in 10 and 11 it is \`up\` with a message.

Of a long list of tenants the first ten are loaded ahead; the others are read when their callers come. A validator by itself
has \`ready()\`, which rejects while keys can't be had, \`health()\`, and \`state()\`, which tells of each document.

## What happens, as it happens

Every reading, failure and change of keys is published on the \`node:diagnostics_channel\` \`entra-guard:keys\`; \`onKeys\`
listens to it with types:

<!-- check: prelude=express -->
\`\`\`ts
import { onKeys } from '@entra-guard/express';

onKeys((event) => {
  if (event.type === 'removed') console.warn(\`keys \${event.keyIds.join(', ')} are \${event.why}\`);
  if (event.type === 'stale') console.error(\`\${event.url} is served from a copy: \${event.reason}\`);
});
\`\`\`

| type        | when                                                                                            |
| ----------- | ----------------------------------------------------------------------------------------------- |
| \`refreshed\` | a document was read: \`why\` (\`first\`, \`age\`, \`unknown_key\`), the key IDs, and which were added |
| \`failed\`    | an attempt failed: the reason, when the next may come, until when the copy at hand serves        |
| \`stale\`     | a copy is past its soft age and could not be refreshed; once for each copy                       |
| \`removed\`   | keys are trusted no more: \`unpublished\`, \`replaced\` under the same ID, or \`expired\`           |

The log gets less: an outage is said when it begins, when its reason changes, every ten minutes, and when it is over.

## Starting from saved keys

A serverless function that starts cold reads two documents before it can answer; a site without a way out can read none.
\`validator.snapshot()\` gives what is at hand as plain JSON, and \`keys.seed\` takes it:

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
without a network needs a \`hardAge\` as long as the time between two deliveries of a file. A copy that does not fit is left
out and logged; what is no snapshot at all is a ConfigurationError.

There is nothing secret in it, but **whoever can write the file decides which keys are trusted**: keep it where only your
deployment writes.

## Options

<!-- check: prelude=express -->
\`\`\`ts
import { entraGuard } from '@entra-guard/express';

export const strict = entraGuard({ tenantId, clientId, keys: { softAge: 600_000, hardAge: 0 } });
\`\`\`

| option     | default   | means                                                                                               |
| ---------- | --------- | --------------------------------------------------------------------------------------------------- |
| \`softAge\`  | 1 h       | from this age on keys are refreshed in the background. A removed key is trusted about as long        |
| \`hardAge\`  | 24 h      | from this age on keys are trusted no more, if refreshing has failed all the time. \`0\`: as \`softAge\`  |
| \`coolDown\` | 30 s      | least time between two refreshes that unknown key IDs cause                                          |
| \`timeout\`  | 5 s       | for one whole exchange                                                                              |
| \`maxBytes\` | 1,048,576 | largest document                                                                                    |
| \`seed\`     | none      | [saved keys](#starting-from-saved-keys) to start with                                               |

Times are in milliseconds. A smaller \`softAge\` makes removals count sooner and asks Entra more often; a smaller \`hardAge\`
makes an outage of Entra one of yours sooner. Microsoft advises to refresh every hour and to keep keys for a day.

## Proxies

Node's \`fetch\` takes no notice of a proxy by itself. The option \`fetch\` is where everything that entra-guard sends goes
through, so give it one that does; undici has a \`ProxyAgent\`:

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
refuses us the answer is 503 until it works again.

## What happens when

Every line is played against real servers on loopback, with a clock that the test controls, each time the tests run, for
entra-guard and for three libraries that are often used for this. What is told of entra-guard is what the tests demand; what
is told of the others is what was seen, with their defaults, and this page is printed from it.

- Each has its own authority, which counts requests. entra-guard reads two documents and the others only the key set.
- Clients come one after another, and where something hangs all at once. Time limits are set to the same for all of them.
- "Refused (401)" is what an error reads as that looks like that of a bad token. Where an error can be told apart by its class
  or code, the others get "undecided (503)", too, although an application has to look for it itself: the usual middleware
  around them answers 401 or 500 to both.
- "Recovers" and "after" are in the time of that clock, looked at after 0, 1, 10 and 30 s, 1, 2, 10 and 11 min, 1 h, 61 min,
  10, 11 and 25 h. "Not within 25 h" means that it had not happened by then.
- aws-jwt-verify waits for ten seconds after a made-up \`kid\`; it does so by the test's clock.
- Where entra-guard takes longer than others, it is meant: it lets a second pass after a failure instead of asking for every
  token, it does what \`Retry-After\` asks of it, and it reads keys once an hour (\`softAge\`) instead of every ten minutes.

`;

const AFTER = `
jose is ${'`createRemoteJWKSet`'} of 6.2.17, jwks-rsa is 4.1.0 with its cache and without its rate limit, aws-jwt-verify is
5.2.1. None of them has a \`close()\`, or keeps the keys of many tenants within a bound, so these two are not in the table:

- [\`close()\` in the middle of everything](../test/faults/close.test.ts): 50 clients that wait for an authority that hangs get
  503 at once, no request follows, and no socket or timer stays.
- [5,000 tenants](../test/faults/tenants.test.ts): 4,096 documents are kept, who was used last stays, and an outage of one
  tenant is nobody else's.

[A soak](../test/faults/soak) goes on looking: it plays an hour of operation with all faults, rotations, clock steps and
restarts drawn at random, and a model that knows nothing of the code says at each step which answers are right. A short one is
part of the tests. The hour prints its seed, and takes one to play it again:

\`\`\`bash
node scripts/soak.mjs
\`\`\`
`;

/** docs/keys.md, with the table of what was seen. */
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

import {
  appPermissions,
  type ExplainOptions,
  explain,
  type Finding,
  scopes,
  userRoles,
  type ValidatorOptions,
} from '@entra-guard/core';
import { expect, it } from 'vitest';
import {
  CONSUMERS,
  ISSUED,
  type Json,
  makeKey,
  OTHER_TENANT,
  signed,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { authorities, B2C_TENANT, headerOf } from './sample-authorities.js';
import tokens from './sample-tokens.json' with { type: 'json' };

const OWN_KEY = makeKey('key-of-the-app-itself');
const EXTERNAL = 'eeeeffff-4444-aaaa-5555-bbbb6666cccc';

/** One thing that goes wrong, done to any sample. */
interface Fault {
  readonly title: string;
  readonly change?: Json;
  readonly header?: Json;
  readonly key?: typeof OWN_KEY;
  readonly text?: (token: string) => string;
  readonly more?: ExplainOptions;
}

const FAULTS: readonly Fault[] = [
  {
    title: 'A Microsoft Graph token',
    change: { aud: '00000003-0000-0000-c000-000000000000' },
    header: { nonce: 'graph' },
  },
  {
    title: 'An ID token',
    change: {
      azp: undefined,
      appid: undefined,
      azpacr: undefined,
      appidacr: undefined,
      scp: undefined,
      nonce: 'n-0S6_WzA2Mj',
    },
  },
  { title: 'Another application ID URI as audience', change: { aud: 'api://orders.contoso.example' } },
  {
    title: 'A v1 issuer that the authority does not have',
    change: { iss: `https://sts.windows.net/${EXTERNAL}/`, tid: EXTERNAL, ver: '1.0' },
  },
  { title: 'Another tenant', change: { iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT } },
  {
    title: 'The /common endpoint, and a personal account',
    change: { iss: v2Issuer(CONSUMERS), tid: CONSUMERS, ver: '2.0' },
  },
  {
    title: 'A B2C policy that is not accepted',
    change: {
      iss: `https://contosob2c.b2clogin.com/${B2C_TENANT}/v2.0/`,
      tid: undefined,
      tfp: 'B2C_1_profile_edit',
      acr: undefined,
    },
  },
  {
    title: 'An External ID authority',
    change: { iss: `https://${EXTERNAL}.ciamlogin.com/${EXTERNAL}/v2.0`, tid: EXTERNAL },
  },
  {
    title: 'An encrypted token: five parts',
    text: (token) => `${token.split('.').slice(0, 1).join('.')}.AAAA.AAAA.AAAA.AAAA`,
  },
  { title: 'A proof-of-possession token', change: { cnf: { kid: 'thumbprint' } } },
  {
    title: 'A scope is required that the token does not carry',
    more: { requirement: scopes('Orders.Archive') },
  },
  {
    title: 'An application permission is required that the token does not carry',
    more: { requirement: appPermissions('Orders.Archive.All') },
  },
  {
    title: 'A role of the user is required that the token does not carry',
    more: { requirement: userRoles('Orders.Archivist') },
  },
  {
    title: 'Expired, or a clock that is wrong',
    change: { iat: ISSUED - 4000, nbf: ISSUED - 4000, exp: ISSUED - 100 },
  },
  {
    title: 'Another cloud',
    change: { iss: `https://login.microsoftonline.us/${EXTERNAL}/v2.0`, tid: EXTERNAL },
  },
  { title: 'A signing key of the application itself', key: OWN_KEY },
];

const INTRODUCTION = `# Every kind of token, wrong in every usual way

What [\`explain\`](explain.md) prints for each sample token of Entra's, with one thing wrong at a time. Tokens of which it says
the same stand together. Printed by the code; checks that pass, and those that can't be made because of the one that fails,
are left out. Each API accepts the authority that its sample comes from: a workforce tenant, the tenant of personal accounts,
Azure AD B2C or External ID.
`;

interface Sample {
  readonly name: string;
  readonly what: string;
  readonly payload: object;
}

const samples: readonly Sample[] = Object.entries(tokens.samples).flatMap(([group, list]) =>
  list.map(({ case: what, payload }, index) => {
    return { name: `${group.replaceAll('_', ' ')} ${index + 1}`, what, payload };
  }),
);

/** The options of an API that the unharmed sample is for. */
async function optionsFor(payload: object): Promise<ValidatorOptions> {
  for (const options of authorities) {
    const findings = await explain(signed(payload, headerOf(payload)), options);
    if (findings.every(({ ok }) => ok)) return options;
  }
  throw new Error('no authority accepts the sample');
}

function tokenFor(payload: object, { change, header, key, text }: Fault): string {
  const claims = { ...payload, ...change };
  const whole = { ...headerOf(claims), ...header };
  const token = key ? signed(claims, { ...whole, kid: key.kid }, { key }) : signed(claims, whole);
  return text ? text(token) : token;
}

function printed(findings: readonly Finding[]): string {
  return findings
    .filter(({ ok }) => ok === false)
    .map(
      ({ check, code, found, expected, hint }) =>
        `**${check}** \`${code}\`\n- found: ${found}\n- expected: ${expected}\n- ${hint ?? ''}`,
    )
    .join('\n\n');
}

/** The sample of a personal account, sent to the API that accepts those: nothing is wrong with it. */
const right = (fault: Fault, { name }: Sample): boolean =>
  fault.change?.tid === CONSUMERS && name === 'v2 delegated 3';

it.each(FAULTS)('explain says what is wrong with every sample: $title', async (fault) => {
  for (const sample of samples) {
    const { name, payload } = sample;
    const findings = await explain(tokenFor(payload, fault), await optionsFor(payload), fault.more);
    const failed = findings.filter(({ ok }) => ok === false);
    expect(failed.length > 0, name).toBe(!right(fault, sample));
    for (const { code, hint } of failed) {
      expect(code, name).toBeDefined();
      expect(hint?.length, name).toBeGreaterThan(20);
    }
  }
});

it('docs/explain-samples.md holds what explain prints', { timeout: 30_000 }, async () => {
  const page = [INTRODUCTION];
  for (const fault of FAULTS) {
    const byText = new Map<string, string[]>();
    for (const { name, payload } of samples) {
      const text = printed(await explain(tokenFor(payload, fault), await optionsFor(payload), fault.more));
      byText.set(text, [...(byText.get(text) ?? []), name]);
    }
    page.push(`## ${fault.title}\n`);
    for (const [text, names] of byText) {
      const who = names.length === samples.length ? 'All of them' : names.join(', ');
      page.push(`_${who}:_\n\n${text || 'Nothing is wrong: that API accepts personal accounts.'}\n`);
    }
  }
  const listed = samples.map(({ name, what }) => `| ${name} | ${what.replaceAll('|', '\\|')} |`);
  page.push(`## The samples\n\n| name | what it is |\n| --- | --- |\n${listed.join('\n')}\n`);
  await expect(page.join('\n')).toMatchFileSnapshot('../../../../docs/explain-samples.md');
});

import { ConfidentialClientApplication } from '@azure/msal-node';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from './client.js';
import { claimsOf } from './read-token.js';

const EXCHANGE = 'api://AzureADTokenExchange/.default';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let entra: InProcessEntra;
let blueprint: Client;
let helper: Client;
beforeEach(async () => {
  entra = await startEntra({
    apps: {
      orders: { scopes: ['Orders.Read'], appRoles: { 'Orders.Read.All': ['Application'] } },
      assistants: { scopes: ['Chat'], secret: 'blueprint-secret' },
      others: { secret: 'other-secret' },
    },
    agents: { helper: { blueprint: 'assistants' }, spy: { blueprint: 'others' } },
  });
  blueprint = new Client(entra, 'assistants');
  helper = new Client(entra, 'helper');
});
afterEach(() => entra.close());

const scope = () => `api://${entra.clientIdOf('orders')}/.default`;
const code = ({ body }: { readonly body: Answer }) => (body.error_codes as number[] | undefined)?.[0];
const token = ({ body }: { readonly body: Answer }) => String(body.access_token);

/** What a blueprint asks for in the name of one of its agents. */
async function asBlueprint(agent = 'helper', form: Readonly<Record<string, string>> = {}) {
  return blueprint.token({
    grant_type: 'client_credentials',
    scope: EXCHANGE,
    client_secret: 'blueprint-secret',
    fmi_path: entra.clientIdOf(agent),
    ...form,
  });
}

const authenticated = (first: string) => ({ client_assertion: first, client_assertion_type: ASSERTION });

async function asAgent(form: Readonly<Record<string, string>>, client = helper) {
  const first = token(await asBlueprint());
  return client.token({ ...authenticated(first), ...form });
}

describe('an agent identity', () => {
  it('acts as itself with the token that its blueprint got for it', async () => {
    const answer = await asAgent({ grant_type: 'client_credentials', scope: scope() });
    expect(claimsOf(token(answer))).toMatchObject({
      aud: entra.clientIdOf('orders'),
      azp: entra.clientIdOf('helper'),
      oid: entra.clientIdOf('helper'),
      roles: ['Orders.Read.All'],
      idtyp: 'app',
      xms_par_app_azp: entra.clientIdOf('assistants'),
    });
    expect(new Set(String(claimsOf(token(answer)).xms_sub_fct).split(' '))).toContain('11');
  });

  it('acts for a user with a token for its blueprint, and can refresh', async () => {
    const { token: assertion } = entra.user('ada', { api: 'assistants', scp: 'Chat' });
    const answer = await asAgent({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion,
      scope: `${scope()} offline_access`,
    });
    const acting = {
      oid: entra.objectIdOf('ada'),
      azp: entra.clientIdOf('helper'),
      scp: 'Orders.Read',
      xms_par_app_azp: entra.clientIdOf('assistants'),
    };
    expect(claimsOf(token(answer))).toMatchObject(acting);
    expect(new Set(String(claimsOf(token(answer)).xms_act_fct).split(' '))).toContain('11');
    const refreshed = await asAgent({
      grant_type: 'refresh_token',
      refresh_token: String(answer.body.refresh_token),
      scope: scope(),
    });
    expect(claimsOf(token(refreshed))).toMatchObject(acting);
    const forTheAgent = entra.user('ada', { api: 'orders' }).token;
    const wrong = await asAgent({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion: forTheAgent,
      scope: scope(),
    });
    expect(code(wrong)).toBe(50013);
  });

  it('acts through its user account, and through no other', async () => {
    const second = token(await asAgent({ grant_type: 'client_credentials', scope: EXCHANGE }));
    const ask = (user: Readonly<Record<string, string>>, credential = second) =>
      asAgent({
        grant_type: 'user_fic',
        user_federated_identity_credential: credential,
        scope: scope(),
        ...user,
      });
    const { oid } = entra.agent('helper', { user: true, api: 'orders' }).claims;
    const answer = await ask({ user_id: String(oid) });
    expect(claimsOf(token(answer))).toMatchObject({ oid, azp: entra.clientIdOf('helper'), idtyp: 'user' });
    expect(new Set(String(claimsOf(token(answer)).xms_sub_fct).split(' '))).toContain('13');
    expect((await ask({ username: 'helper@contoso.onmicrosoft.com' })).status).toBe(200);
    expect(code(await ask({ username: 'ada@contoso.onmicrosoft.com' }))).toBe(50034);
    expect(code(await ask({}))).toBe(900144);
    // The credential of its blueprint is for another audience.
    expect(code(await ask({ user_id: String(oid) }, token(await asBlueprint())))).toBe(700027);
  });

  it('has no credential of its own, and takes none of another agent', async () => {
    const form = { grant_type: 'client_credentials', scope: scope() };
    expect(code(await helper.token(form))).toBe(7000218);
    expect(code(await helper.token({ ...form, client_secret: 'any' }))).toBe(7000218);
    expect(code(await asAgent(form, new Client(entra, 'spy')))).toBe(700027);
    expect(code(await helper.token({ ...form, ...authenticated('forged') }))).toBe(700027);
    const first = token(await asBlueprint());
    entra.advance('61m');
    expect(code(await helper.token({ ...form, ...authenticated(first) }))).toBe(700024);
    expect(
      code(await helper.token({ ...form, ...authenticated(entra.app('others', { api: 'orders' }).token) })),
    ).toBe(700027);
  });

  it('of another blueprint is not impersonated', async () => {
    expect(code(await asBlueprint('spy'))).toBe(90023);
    expect(code(await asBlueprint('unknown-agent'))).toBe(90023);
    const none = await blueprint.token({
      grant_type: 'client_credentials',
      scope: EXCHANGE,
      client_secret: 'blueprint-secret',
    });
    expect(none.body.error_description).toMatch(/^AADSTS90023: The parameter 'fmi_path' is missing/);
    expect(code(await asBlueprint('helper', { client_secret: 'wrong' }))).toBe(7000215);
  });

  it('is the only kind of client with a user account', async () => {
    const answer = await blueprint.token({
      grant_type: 'user_fic',
      client_secret: 'blueprint-secret',
      user_federated_identity_credential: 'x',
      username: 'ada',
      scope: scope(),
    });
    expect(code(answer)).toBe(700016);
  });
});

it('MSAL Node, unmodified: all three ways', async () => {
  const config = entra.msal('helper');
  const { system, auth } = config;
  const leg1 = async () => token(await asBlueprint());
  const agent = new ConfidentialClientApplication({
    ...(system === undefined ? {} : { system }),
    auth: { clientId: auth.clientId, authority: auth.authority, clientAssertion: leg1 },
  });
  const itself = await agent.acquireTokenByClientCredential({ scopes: [scope()] });
  expect(claimsOf(itself?.accessToken ?? '')).toMatchObject({ oid: auth.clientId, idtyp: 'app' });
  const forUser = await agent.acquireTokenOnBehalfOf({
    oboAssertion: entra.user('ada', { api: 'assistants', scp: 'Chat' }).token,
    scopes: [scope()],
  });
  expect(claimsOf(forUser?.accessToken ?? '')).toMatchObject({ oid: entra.objectIdOf('ada') });
  const blueprintApp = new ConfidentialClientApplication(entra.msal('assistants'));
  const first = await blueprintApp.acquireTokenByClientCredential({
    scopes: [EXCHANGE],
    fmiPath: auth.clientId,
  });
  expect(claimsOf(first?.accessToken ?? '')).toMatchObject({ aud: entra.clientIdOf('assistants') });
});

it('a minted agent has its declared blueprint', () => {
  const declared = entra.agent('helper', { api: 'orders' }).claims;
  expect(declared.xms_par_app_azp).toBe(entra.clientIdOf('assistants'));
  expect(entra.agent('other', { api: 'orders' }).claims.xms_par_app_azp).toBe(entra.clientIdOf('blueprint'));
  expect(entra.agent('helper', { api: 'orders', blueprint: 'mine' }).claims.xms_par_app_azp).toBe(
    entra.clientIdOf('mine'),
  );
});

it.each<[unknown, string]>([
  [['helper'], 'agents is not an object'],
  [{ helper: {} }, 'agents.helper names no blueprint'],
  [{ helper: null }, 'agents.helper names no blueprint'],
  [{ helper: { blueprint: 'a', model: 'b' } }, 'agents.helper has no "model". It has blueprint.'],
  [{ helper: { blueprint: 'unknown' } }, 'agents.helper.blueprint is "unknown", and there is no such app'],
])('agents in another form are refused: %j', async (agents, sentence) => {
  await expect(startEntra({ apps: { orders: {} }, agents: agents as never })).rejects.toThrow(sentence);
});

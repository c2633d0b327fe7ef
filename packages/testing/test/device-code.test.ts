import { PublicClientApplication } from '@azure/msal-node';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, refused } from './client.js';
import { claimsOf, production } from './read-token.js';

let entra: InProcessEntra;
let tool: Client;
beforeEach(async () => {
  entra = await startEntra({
    apps: {
      orders: { scopes: ['Orders.Read'] },
      tool: { platform: 'public' },
      other: { platform: 'public' },
    },
  });
  tool = new Client(entra, 'tool');
});
afterEach(() => entra.close());

interface Started {
  readonly user_code: string;
  readonly device_code: string;
  readonly verification_uri: string;
}

const scope = () => `openid offline_access api://${entra.clientIdOf('orders')}/Orders.Read`;

async function start(form: Readonly<Record<string, string>> = {}) {
  const answer = await entra.fetch(`${production}/${entra.tenantId}/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: entra.clientIdOf('tool'), scope: scope(), ...form }),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as Started & Readonly<Record<string, unknown>>,
  };
}

async function approve(code: string, user = 'ada') {
  const answer = await entra.fetch(
    `${production}/common/oauth2/deviceauth?${new URLSearchParams({ user_code: code, login_hint: user })}`,
  );
  return { status: answer.status, page: await answer.text() };
}

const redeem = (device_code: string, client = tool) =>
  client.token({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code });

describe('a device code', () => {
  it('is answered as Entra does, waits for its user, and is redeemed once', async () => {
    const { status, body } = await start();
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 900, interval: 5 });
    expect(body.user_code).toMatch(/^[A-HJ-NP-Z2-9]{9}$/);
    expect(body.message).toContain(body.user_code);
    expect(await redeem(body.device_code)).toMatchObject({
      status: 400,
      body: { error: 'authorization_pending', error_codes: [70016] },
    });
    expect((await approve(body.user_code.toLowerCase())).page).toContain('You have signed in as Ada Example');
    const answer = await redeem(body.device_code);
    expect(claimsOf(String(answer.body.access_token))).toMatchObject({
      scp: 'Orders.Read',
      oid: entra.objectIdOf('ada'),
    });
    expect((await tool.refresh(answer.body)).status).toBe(200);
    expect(await redeem(body.device_code)).toMatchObject(refused(54005));
    expect((await approve(body.user_code)).status).toBe(400);
  });

  it('expires', async () => {
    const { body } = await start();
    entra.advance('15m');
    expect((await approve(body.user_code)).page).toContain('has expired');
    expect(await redeem(body.device_code)).toMatchObject({
      status: 400,
      body: { error: 'expired_token', error_codes: [70020] },
    });
  });

  it('is for the client that asked', async () => {
    const { body } = await start();
    await approve(body.user_code);
    expect(await redeem(body.device_code, new Client(entra, 'other'))).toMatchObject(refused(70000));
    expect(await redeem('made-up')).toMatchObject(refused(70000));
  });

  it('is not approved by a user who may not sign in', async () => {
    entra.disable('ada');
    const { body } = await start();
    expect((await approve(body.user_code)).page).toContain('AADSTS50057');
    expect((await redeem(body.device_code)).body.error).toBe('authorization_pending');
  });

  it('is not given for an unknown client, scope or API', async () => {
    expect((await start({ client_id: '11111111-2222-4333-8444-555555555555' })).body.error_codes).toEqual([
      700016,
    ]);
    expect(
      (await start({ scope: `api://${entra.clientIdOf('orders')}/Orders.Write` })).body.error_codes,
    ).toEqual([650053]);
    expect((await start({ scope: '' })).body.error_codes).toEqual([900144]);
  });

  it('has a page that asks for it, and escapes what was typed', async () => {
    expect(await (await entra.fetch(`${production}/common/oauth2/deviceauth`)).text()).toContain(
      'name="user_code"',
    );
    expect((await approve('<script>')).page).not.toContain('<script>');
  });
});

it('MSAL Node signs in by device code, unmodified', async () => {
  const { auth, system } = entra.msal('tool');
  const app = new PublicClientApplication({
    auth: { clientId: auth.clientId, authority: auth.authority },
    ...(system === undefined ? {} : { system }),
  });
  const result = await app.acquireTokenByDeviceCode({
    scopes: [`api://${entra.clientIdOf('orders')}/Orders.Read`],
    deviceCodeCallback: ({ userCode }) => void approve(userCode, 'grace'),
  });
  expect(claimsOf(result?.accessToken ?? '').oid).toBe(entra.objectIdOf('grace'));
}, 20_000);

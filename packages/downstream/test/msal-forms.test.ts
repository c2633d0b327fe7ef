import { ConfidentialClientApplication } from '@azure/msal-node';
import { describe, expect, it } from 'vitest';
import { certificate, secretFrom } from '../src/index.js';
import { selfSigned } from './self-signed.js';
import { SECRET, type Stage, stage } from './stage.js';

const pair = selfSigned({ days: 30 });
const AUTHORITY = 'https://login.microsoftonline.com';

/** What MSAL sends for telemetry, and for an account of its own. */
const ADDED = /^(client_info|x-|client-request-id)/i;

/** The parameters of a form, without what MSAL adds, and with a signed assertion replaced by its claims. */
function essence(form: URLSearchParams): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (ADDED.test(name)) continue;
    if (name === 'scope')
      found.scope = value
        .split(' ')
        .filter((one) => !/^(openid|profile|offline_access)$/.test(one))
        .join(' ');
    else if (name === 'claims') found.claims = { access_token: JSON.parse(value).access_token };
    else if (name === 'client_assertion') found.client_assertion = parts(value);
    else found[name] = value;
  }
  return found;
}

/** Header and claims of an assertion, with times as lengths, and without its ID. */
function parts(assertion: string): unknown {
  const [header, payload] = assertion
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const { nbf, iat, exp, jti, ...claims } = payload;
  return {
    header,
    claims,
    lives: exp - nbf,
    hasTime: typeof iat === 'number',
    hasId: typeof jti === 'string',
  };
}

async function captured(made: Stage, act: () => Promise<unknown>): Promise<Record<string, unknown>> {
  made.forms.length = 0;
  await act();
  expect(made.forms).toHaveLength(1);
  return essence(made.forms[0] as URLSearchParams);
}

const CREDENTIALS = [
  {
    name: 'a secret',
    ours: secretFrom(() => SECRET),
    msal: { clientSecret: SECRET },
    app: { secret: SECRET },
  },
  {
    name: 'a certificate',
    ours: certificate(pair),
    msal: { clientCertificate: { privateKey: pair.key, thumbprintSha256: '' } },
    app: { certificates: [pair.cert] },
  },
] as const;

describe.each(CREDENTIALS)('with $name, what is sent equals what MSAL sends', ({ ours, msal, app }) => {
  const both = async () => {
    const made = await stage({
      apps: {
        orders: { scopes: ['Orders.Read'], ...app },
        stock: { scopes: ['Stock.Read'], appRoles: { 'Stock.Read.All': ['Application'] } },
      },
    });
    const { createHash, X509Certificate } = await import('node:crypto');
    const thumbprint = createHash('sha256').update(new X509Certificate(pair.cert).raw).digest('hex');
    const auth =
      'clientCertificate' in msal
        ? { clientCertificate: { ...msal.clientCertificate, thumbprintSha256: thumbprint } }
        : msal;
    const { clientId } = made.entra.options('orders');
    const client = new ConfidentialClientApplication({
      auth: {
        clientId,
        authority: `${AUTHORITY}/${made.entra.tenantId}`,
        clientCapabilities: ['cp1'],
        ...auth,
      },
      system: { networkClient: made.network },
    });
    return {
      made,
      client,
      apis: made.downstream({ credential: ours }).apis,
      stock: made.entra.options('stock').clientId,
    };
  };

  it('on behalf of a user', async () => {
    const { made, client, apis, stock } = await both();
    const request = await made.accepted('ada');
    const oboAssertion = (request.headers.authorization ?? '').slice('Bearer '.length);
    const theirs = await captured(made, () =>
      client.acquireTokenOnBehalfOf({ oboAssertion, scopes: [`api://${stock}/Stock.Read`] }),
    );
    expect(await captured(made, () => apis.stock.forCaller(request).json('/'))).toEqual(theirs);
  });

  it('as this API itself', async () => {
    const { made, client, apis, stock } = await both();
    const theirs = await captured(made, () =>
      client.acquireTokenByClientCredential({ scopes: [`api://${stock}/.default`] }),
    );
    expect(await captured(made, () => apis.stock.asApp().json('/'))).toEqual(theirs);
  });

  it('for what another API demands', async () => {
    const { made, client, apis, stock } = await both();
    const request = await made.accepted('ada');
    const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: '1604106651' } } });
    const oboAssertion = (request.headers.authorization ?? '').slice('Bearer '.length);
    const theirs = await captured(made, () =>
      client.acquireTokenOnBehalfOf({ oboAssertion, scopes: [`api://${stock}/Stock.Read`], claims }),
    );
    const api = made.downstream({ credential: ours }, { cae: true }).apis.stock.forCaller(request);
    expect(await captured(made, () => api.token({ claims }))).toEqual(theirs);
    expect(apis).toBeDefined();
  });
});

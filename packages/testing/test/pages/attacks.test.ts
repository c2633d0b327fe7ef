import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formsOf, titleOf, Visitor } from './visitor.js';

const XSS = '"><script>alert(1)</script><img src=x onerror=alert(2)>';

let entra: LoopbackEntra;
let browser: Visitor;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: { displayName: `Ada ${XSS}`, admin: true }, bob: {} },
    apps: {
      orders: {
        manifest: {
          displayName: `API ${XSS}`,
          api: {
            oauth2PermissionScopes: [
              {
                value: 'Orders.Read',
                type: 'User',
                userConsentDisplayName: `Read ${XSS}`,
                userConsentDescription: `All ${XSS}`,
              },
              { value: 'Orders.Approve', type: 'Admin', userConsentDisplayName: XSS },
            ],
          },
        },
      },
      web: { displayName: `Web ${XSS}`, publisher: `By ${XSS}` },
    },
  });
  browser = new Visitor(entra);
});
afterEach(() => entra.close());

const orders = (scope: string) => `api://${entra.clientIdOf('orders')}/${scope}`;
const consentPage = async (visitor = browser) =>
  visitor.signIn(await visitor.authorize('web', { scope: orders('Orders.Read') }), 'bob');

/** Whether the app may act for Bob: a sign-in without a page says. */
async function hasConsent() {
  const end = await browser.authorize('web', { scope: orders('Orders.Read'), prompt: 'none' });
  return end.location?.searchParams.has('code');
}

describe('a form of the consent page', () => {
  it('works where it was shown', async () => {
    await browser.press(await consentPage(), 'Accept');
    expect(await hasConsent()).toBe(true);
  });

  it.each([
    ['without a token', { fields: { token: '' } }],
    ['with another token', { fields: { token: 'x'.repeat(43) } }],
    ['from another site', { headers: { origin: 'https://evil.example' } }],
    ['from another port of this machine', { headers: { origin: 'http://localhost:1' } }],
    ['from a page that hides where it is', { headers: { origin: 'null' } }],
    ['from another site, by what the browser says', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['from the same site', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['with an interaction that does not exist', { fields: { interaction: 'x' } }],
  ])('is refused %s', async (_, sent) => {
    const page = await consentPage();
    const answer = await browser.press(page, 'Accept', sent);
    expect([answer.status, titleOf(answer)]).toEqual([403, 'This page can’t be used any more']);
    expect(await hasConsent()).toBe(false);
  });

  it('is refused from a browser without the cookie, and from another browser', async () => {
    const page = await consentPage();
    expect((await new Visitor(entra).press(page, 'Accept')).status).toBe(403);
    const other = new Visitor(entra);
    const own = await consentPage(other);
    expect((await other.press(page, 'Accept')).status).toBe(403);
    const [form] = formsOf(own.text);
    const stolen = { fields: { token: form?.fields.token ?? '' } };
    expect((await other.press(page, 'Accept', stolen)).status).toBe(403);
    expect(await hasConsent()).toBe(false);
  });

  it('is used once', async () => {
    const page = await consentPage();
    expect((await browser.press(page, 'Accept')).status).toBe(302);
    const again = await browser.press(page, 'Accept');
    expect([again.status, again.location]).toEqual([400, undefined]);
    expect((await browser.press(page, 'Cancel')).status).toBe(400);
  });

  it('is too old after 15 minutes', async () => {
    const page = await consentPage();
    entra.advance('15m');
    expect((await browser.press(page, 'Accept')).status).toBe(400);
    expect(await hasConsent()).toBe(false);
  });

  it('grants nothing after the account was disabled or signed out', async () => {
    const page = await consentPage();
    const enable = entra.disable('bob');
    expect(titleOf(await browser.press(page, 'Accept'))).toBe('Choose an account');
    enable();
    expect(await hasConsent()).toBe(false);
  });

  it('grants nothing ahead of the sign-in', async () => {
    const page = await browser.authorize('web', { scope: orders('Orders.Read') });
    expect(titleOf(await browser.press(page, 'Sign in', { fields: { do: 'consent', upn: '' } }))).toBe(
      'Choose an account',
    );
    await browser.signIn(page, 'bob');
    expect(await hasConsent()).toBe(false);
  });

  it('may not say a thing twice', async () => {
    const page = await consentPage();
    const [form] = formsOf(page.text);
    const body = new URLSearchParams([
      ...Object.entries(form?.fields ?? {}),
      ['do', 'consent'],
      ['do', 'cancel'],
    ]);
    const answer = await browser.open(`${entra.origin}/common/login`, { method: 'POST', body });
    expect(answer.text).toContain('AADSTS9000411');
    expect(await hasConsent()).toBe(false);
  });

  it('is not read from a link', async () => {
    expect((await browser.open(`${entra.origin}/common/login?do=consent`)).status).toBe(405);
  });
});

it('the oldest of more than a thousand sign-ins is forgotten', async () => {
  const first = await browser.authorize('web');
  for (let count = 0; count < 1000; count++) await browser.authorize('web');
  expect((await browser.signIn(first, 'bob')).status).toBe(403);
}, 60_000);

describe('nothing that a page shows becomes HTML', () => {
  const clean = (text: string) => expect(text).not.toMatch(/<script>alert|<img/);

  it('the names of users, apps, publishers and scopes', async () => {
    const account = await browser.authorize('web', { scope: orders('Orders.Read') });
    clean(account.text);
    expect(account.text).toContain('Ada &quot;&gt;&lt;script&gt;');
    const consent = await browser.press(account, 'Ada');
    clean(consent.text);
    for (const start of ['Web', 'By', 'Read', 'All', 'API'])
      expect(consent.text).toContain(`${start} &quot;&gt;&lt;`);
    const approval = await browser.signIn(
      await browser.authorize('web', { scope: orders('Orders.Approve'), prompt: 'login' }),
      'bob',
    );
    expect(titleOf(approval)).toBe('Need admin approval');
    clean(approval.text);
  });

  it.each([
    'client_id',
    'redirect_uri',
    'login_hint',
    'domain_hint',
    'state',
    'claims',
    'scope',
    'nonce',
    'prompt',
    'response_type',
    'response_mode',
    'max_age',
    'code_challenge',
  ])('the parameter %s', async (name) => {
    clean((await browser.authorize('web', { [name]: XSS })).text);
    clean((await browser.authorize('web', { response_mode: 'form_post', [name]: XSS })).text);
  });

  it.each([`x${XSS}`, 'javascript:alert(1)', '<b>'])('what was typed: %s', async (upn) => {
    clean((await browser.signIn(await browser.authorize('web'), upn)).text);
    clean((await browser.authorize('web', { prompt: 'select_account' })).text);
  });
});

it.each(['authorize', 'deviceauth', 'logout'])('no page is shown in a frame: %s', async (path) => {
  const { headers } = await browser.open(`${entra.origin}/common/oauth2/v2.0/${path}`);
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.has('cross-origin-opener-policy')).toBe(false);
});

it.each(['https://evil.example/', '//evil.example', 'http://localhost@evil.example/'])(
  'no way leads to an address that is not registered: %s',
  async (uri) => {
    await consentPage();
    const pages = [
      await browser.authorize('web', { redirect_uri: uri, prompt: 'none' }),
      await browser.open(
        `${entra.origin}/common/oauth2/v2.0/logout?post_logout_redirect_uri=${encodeURIComponent(uri)}`,
      ),
      await browser.open(
        `${entra.origin}/common/adminconsent?client_id=${entra.clientIdOf('web')}&redirect_uri=${encodeURIComponent(uri)}`,
      ),
    ];
    for (const { location, text } of pages) {
      expect(location).toBeUndefined();
      expect(text).not.toMatch(/href="[^"]*evil|url=[^"]*evil|action="[^"]*evil/);
    }
  },
);

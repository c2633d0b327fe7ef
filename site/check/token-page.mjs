// The page that explains tokens: it says what the library says, and can't send anything anywhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../steps/folders.mjs';
import { picture, violationsOf, watched } from './chromium.mjs';

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @returns one line for each expectation that does not hold */
export async function problemsOfTokenPage(origin, browser) {
  const problems = new Set();
  const expect = (holds, text) => holds || problems.add(`explain-a-token.html: ${text}`);
  const { header_v2: header, samples } = JSON.parse(
    readFileSync(join(repository, 'packages/core/test/explain/sample-tokens.json'), 'utf8'),
  );
  const { payload } = samples.v2_delegated[0];
  const token = (changes) => `${encoded(header)}.${encoded({ ...payload, ...changes })}.${'A'.repeat(342)}`;

  const context = await browser.newContext({ viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
  const page = await context.newPage();
  watched(page, origin, problems);
  await page.goto(`${origin}/explain-a-token.html`, { waitUntil: 'networkidle' });
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const result = page.locator('#result');
  const paste = async (text) => {
    await page.locator('#pasted').fill(text);
    return result.textContent();
  };

  const graph = await paste(token({ aud: '00000003-0000-0000-c000-000000000000' }));
  expect(
    graph.includes('audience_not_accepted') && graph.includes('Microsoft Graph'),
    `does not recognise a token of Graph: ${graph}`,
  );
  const expired = await paste(
    `Authorization: Bearer ${token({ iat: 1_600_000_000, nbf: 1_600_000_000, exp: 1_600_003_600 })}`,
  );
  expect(expired.includes('token_expired'), `does not refuse an expired token: ${expired}`);
  const now = Math.floor(Date.now() / 1000);
  const good = token({ iat: now, nbf: now, exp: now + 3600 });
  const open = await paste(good);
  expect(open.startsWith('Nothing in the token itself'), `refuses a good token: ${open}`);
  await page.locator('#tenant').fill(payload.tid);
  await page.locator('#client').fill('99999999-aaaa-4222-bbbb-3333cccc4444');
  const other = await result.textContent();
  expect(
    other.startsWith('Refused: audience_not_accepted'),
    `does not compare the audience with the API: ${other}`,
  );
  await page.locator('#client').fill('not-a-guid');
  expect(
    (await page.locator('#settings-error').textContent()).includes('clientId'),
    'does not say that the client ID is wrong',
  );
  await page.locator('#client').fill('');
  await page.locator('#tenant').fill('');
  const markup = await paste(
    token({ iat: now, nbf: now, exp: now + 3600, iss: '<img src=x onerror=alert(1)>' }),
  );
  expect(
    (await result.locator('img').count()) === 0 && markup.includes('<img'),
    'takes text of a token for markup',
  );
  const words = await paste(
    'AADSTS500011: The resource principal named api://orders was not found in the tenant',
  );
  expect(words.includes('AADSTS500011') && words.length > 60, `does not know AADSTS500011: ${words}`);
  for (const line of await violationsOf(page)) expect(false, line);
  await paste(good);
  await page.evaluate('scrollTo(0, 0)');
  await picture(page, '360/explain-a-token-result');
  for (const line of await violationsOf(page)) expect(false, line);
  await page.setViewportSize({ width: 1280, height: 1400 });
  await paste(token({ aud: '00000003-0000-0000-c000-000000000000', iat: now, nbf: now, exp: now + 3600 }));
  await picture(page, '1280/explain-a-token-result');
  expect(asked.length === 0, `asks ${asked.join(', ')} after a token was pasted`);

  const refused = await page.evaluate(async (address) => {
    const tries = {
      fetch: () => fetch(address),
      beacon: () => (navigator.sendBeacon(address) ? 'sent' : Promise.reject(new Error('refused'))),
      socket: () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(address.replace('http', 'ws'));
          socket.onopen = resolve;
          socket.onerror = reject;
        }),
    };
    const sent = [];
    for (const [name, attempt] of Object.entries(tries)) {
      const went = await Promise.resolve()
        .then(attempt)
        .then(
          () => true,
          () => false,
        );
      if (went) sent.push(name);
    }
    return sent;
  }, `${origin}/index.html`);
  expect(
    refused.filter((name) => name !== 'beacon').length === 0,
    `its policy lets through: ${refused.join(', ')}`,
  );
  expect(asked.length === 0, `its policy lets a request through: ${asked.join(', ')}`);
  const kept = await page.evaluate('localStorage.length + sessionStorage.length + document.cookie.length');
  expect(kept === 0, 'keeps something in the browser');
  await context.close();
  return [...problems];
}

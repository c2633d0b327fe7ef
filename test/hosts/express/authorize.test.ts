import { allOf, authContext, authOf, authorize, check, entraGuard, scopes } from '@entra-guard/express';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import express4 from 'express4';
import express5 from 'express5';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen } from '../../support/listen.js';

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());
afterEach(() => {
  vi.unstubAllEnvs();
});

const write = scopes('Orders.Write');
const hidden = allOf(
  scopes('Orders.Read'),
  check('owns order', () => false, { otherwise: 'not-found' }),
);
const requirements = { write, hidden, stronger: allOf(scopes('Orders.Read'), authContext('c1')) };

describe.each([
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
])('what authorize() throws in a handler of %s', (_, express) => {
  async function answerTo(which: keyof typeof requirements) {
    const app = express();
    const guard = entraGuard({ ...entra.options(), log: false });
    app.get('/', guard.require(scopes('Orders.Read')), (request, response, next) => {
      const auth = authOf(request);
      if (auth === undefined) throw new Error('nobody');
      authorize(requirements[which], auth).then(() => response.sendStatus(200), next);
    });
    const host = await listen(app);
    try {
      const response = await fetch(host.origin, {
        headers: entra.user('ada', { scp: 'Orders.Read', xms_cc: ['cp1'] }).headers,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } finally {
      await host.close();
    }
  }

  it.each(['test', 'production'])('reaches the client with status and headers, NODE_ENV=%s', async (env) => {
    vi.stubEnv('NODE_ENV', env);
    const { status, headers, text } = await answerTo('write');
    expect(status).toBe(403);
    expect(headers.get('WWW-Authenticate')).toMatch(/^Bearer .*error="insufficient_scope".*Orders\.Write"$/);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Content-Type')).toContain('text/html');
    expect(text).not.toContain('scopes(');
  });

  it('is a challenge where a stronger sign-in would do', async () => {
    const { status, headers } = await answerTo('stronger');
    expect(status).toBe(401);
    expect(headers.get('WWW-Authenticate')).toContain('error="insufficient_claims"');
  });

  it('does not tell that there is something where a check hides it', async () => {
    const { status, headers, text } = await answerTo('hidden');
    expect(status).toBe(404);
    expect(headers.get('WWW-Authenticate')).toBeNull();
    expect(text).not.toMatch(/owns order|caller lacks/);
  });
});

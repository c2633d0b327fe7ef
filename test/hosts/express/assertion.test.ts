import { createGuard } from '@entra-guard/core';
import { assertionSigner } from '@entra-guard/core/assertion';
import { anonymous, authOf, entraGuard, scopes } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../support/listen.js';
import { majors } from './majors.js';

const issuer = 'https://gate.contoso.example';
const to = { audience: 'orders', rule: '/orders/**' };

describe.each(majors)('behind a service that signs who called, on %s', (_, express) => {
  async function serving() {
    const entra = await startEntra();
    const front = createGuard({ ...entra.options(), log: false });
    const signer = assertionSigner({ issuer });
    const guard = entraGuard({
      assertion: { issuer, audience: 'orders', keys: signer.jwks.keys as never },
      log: false,
    });
    const app = express();
    app.get(
      '/orders',
      guard.require(scopes('Read')),
      (req, res) => void res.json({ for: authOf(req)?.objectId }),
    );
    app.get(
      '/prices',
      guard.authenticate({ optional: true }),
      (req, res) => void res.json({ known: authOf(req) !== undefined }),
    );
    app.get('/health', guard.require(anonymous()), (_req, res) => void res.json({ status: 'ok' }));
    guard.assertAllGuarded(app);
    const { origin, close } = await listen(app);
    onTestFinished(() => close());
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${origin}${path}`, { headers });
      return { status: answer.status, body: await answer.json() };
    };
    const signed = async (name: string, scp: string) => ({
      'x-entra-assertion': signer.sign(await front.authenticate(entra.user(name, { scp })), to),
    });
    return { entra, ask, signed, nobody: { 'x-entra-assertion': signer.sign(undefined, to) } };
  }

  it('handlers see the caller, and requirements hold', async () => {
    const { entra, ask, signed } = await serving();
    expect(await ask('/orders', await signed('ada', 'Read'))).toEqual({
      status: 200,
      body: { for: entra.objectIdOf('ada') },
    });
    expect((await ask('/orders', await signed('ada', 'Other'))).status).toBe(403);
    expect((await ask('/prices', await signed('ada', 'Other'))).body).toEqual({ known: true });
  });

  it('no route is reached without an assertion, nor with a token', async () => {
    const { entra, ask } = await serving();
    const { headers } = entra.user('ada', { scp: 'Read' });
    for (const path of ['/orders', '/prices', '/health']) {
      expect((await ask(path)).status, path).toBe(401);
      expect((await ask(path, headers)).status, path).toBe(401);
    }
  });

  it('open routes are reached with one that names no caller', async () => {
    const { ask, nobody } = await serving();
    expect((await ask('/health', nobody)).status).toBe(200);
    expect((await ask('/prices', nobody)).body).toEqual({ known: false });
    expect((await ask('/orders', nobody)).status).toBe(401);
  });
});

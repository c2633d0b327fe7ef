import { createGuard } from '@entra-guard/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEntra } from '../src/index.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('an environment that hides globals of Node, as Jest before 28 and jsdom do,', () => {
  it.each(['fetch', 'Headers', 'Request', 'Response', 'structuredClone'])(
    'is reported when a local Entra starts: %s',
    async (name) => {
      vi.stubGlobal(name, undefined);
      await expect(startEntra()).rejects.toMatchObject({
        code: 'platform_incomplete',
        message: expect.stringMatching(new RegExp(`no global ${name},.*Jest has them from version 28`)),
      });
    },
  );

  it('is reported with all missing names at once', async () => {
    for (const name of ['fetch', 'Request', 'Response', 'Headers']) vi.stubGlobal(name, undefined);
    await expect(startEntra({ port: 0 })).rejects.toThrow('no global fetch, Headers, Request, Response,');
  });

  it('is reported by the guard, and not as a network failure', async () => {
    const entra = await startEntra();
    const { tenantId, clientId } = entra.options();
    vi.stubGlobal('fetch', undefined);
    const guard = createGuard({ tenantId, clientId, log: false });
    await expect(guard.authenticate(entra.user('ada'))).rejects.toMatchObject({
      code: 'keys_unavailable',
      hint: expect.stringMatching(/no global fetch.*Jest has it from version 28/),
    });
    await guard.close();
    vi.unstubAllGlobals();
    vi.stubGlobal('Request', undefined);
    const local = createGuard({ ...entra.options(), log: false });
    await expect(local.authenticate(entra.user('ada'))).rejects.toMatchObject({
      code: 'keys_unavailable',
      hint: expect.stringMatching(/no global Request/),
    });
    await local.close();
    await entra.close();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEntra, type StartEntraOptions, startEntra } from '../src/index.js';

const places: readonly (readonly [string, StartEntraOptions])[] = [
  ['in process', {}],
  ['on an http port', { port: 0 }],
  ['on a TLS port', { port: 0, tls: true }],
];

describe.each(places)('faults of a local Entra %s:', (_, where) => {
  let entra: LocalEntra;
  let keys: string;
  beforeAll(async () => {
    entra = await startEntra(where);
    keys = `${entra.origin}/common/discovery/v2.0/keys`;
  });
  afterAll(async () => entra.close());

  const status = async (url: string) => (await entra.fetch(url)).status;

  it('keys fail with a status as often as `times` says', async () => {
    entra.fail('keys', 503, { times: 2, headers: { 'retry-after': '7' } });
    expect((await entra.fetch(keys)).headers.get('retry-after')).toBe('7');
    expect(await status(keys)).toBe(503);
    expect(await status(keys)).toBe(200);
  });

  it('a fault lasts until it is ended, and affects no other target', async () => {
    const restore = entra.fail('metadata', 500);
    const metadata = `${entra.authority}/.well-known/openid-configuration`;
    expect(await status(metadata)).toBe(500);
    expect(await status(metadata)).toBe(500);
    expect(await status(keys)).toBe(200);
    restore();
    expect(await status(metadata)).toBe(200);
  });

  it('garbage is a page of HTML with status 200', async () => {
    entra.fail('keys', 'garbage', { times: 1 });
    const answer = await entra.fetch(keys);
    expect(answer.status).toBe(200);
    await expect(answer.json()).rejects.toThrow(SyntaxError);
  });

  it('a request that hangs ends when it is aborted, with the reason of the signal', async () => {
    const restore = entra.fail('keys', 'hang');
    const controller = new AbortController();
    const asked = entra.fetch(keys, { signal: controller.signal });
    const reason = new Error('given up');
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    restore();
  });

  it('a broken connection rejects with a TypeError, as fetch does', async () => {
    const restore = entra.fail('keys', 'disconnect');
    await expect(entra.fetch(keys)).rejects.toThrow(TypeError);
    restore();
    expect(await status(keys)).toBe(200);
  });

  it('a request whose signal is already aborted is not sent', async () => {
    entra.requests.length = 0;
    await expect(entra.fetch(keys, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(entra.requests).toEqual([]);
  });

  it('closing ends the requests that hang, and later requests are not answered', async () => {
    const closing = await startEntra(where);
    const address = `${closing.origin}/common/discovery/v2.0/keys`;
    closing.fail('keys', 'hang');
    const ended = expect(closing.fetch(address)).rejects.toThrow(TypeError);
    while (closing.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    await ended;
    await expect(closing.fetch(address)).rejects.toThrow(TypeError);
  });
});

it('an invalid fault, target or number of requests is refused', async () => {
  const entra = await startEntra();
  expect(() => entra.fail('keys', 42)).toThrow(/has an invalid fault/);
  expect(() => entra.fail('keys', 503, { times: 0 })).toThrow(/at least 1/);
  expect(() => entra.fail('everything' as 'keys', 503)).toThrow(/has an invalid target/);
  await entra.close();
});

import { expect, it } from 'vitest';
import { localhostCertificate } from '../src/transport/localhost-certificate.js';
import { listen } from '../src/transport/loopback-server.js';
import { tlsFetch } from '../src/transport/tls-fetch.js';

const cookies = ['a=1; Path=/; HttpOnly', 'b=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT'];

it.each([
  ['http', undefined],
  ['https', localhostCertificate],
])('each cookie of a response arrives with a header of its own: %s', async (_, tls) => {
  const server = await listen(0, tls);
  server.serve(async () => {
    const headers = cookies.map((cookie): [string, string] => ['set-cookie', cookie]);
    return new Response('', { headers: [...headers, ['x-other', 'c']] });
  });
  const reach = tls === undefined ? fetch : tlsFetch(server.origin, tls.cert);
  const { headers } = await reach(server.origin);
  expect(headers.getSetCookie()).toEqual(cookies);
  expect(headers.get('x-other')).toBe('c');
  await server.close();
});

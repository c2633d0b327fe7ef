// Copied beside every consumer: what each of their apps has to answer, over a port of its own.
const assert = require('node:assert/strict');

/** Asks `GET /orders` of a listening server without a token, with the wrong scope and with the right one. */
module.exports = async function answers(server, entra) {
  const url = `http://127.0.0.1:${server.address().port}/orders`;
  const ask = (headers = {}) => fetch(url, { headers: { ...headers, connection: 'close' } });

  const anonymous = await ask();
  assert.equal(anonymous.status, 401);
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Bearer /);

  assert.equal((await ask(entra.user('ada', { scp: 'Orders.Write' }).headers)).status, 403);

  const { headers, claims } = entra.user('ada', { scp: 'Orders.Read' });
  const accepted = await ask(headers);
  assert.equal(accepted.status, 200);
  assert.deepEqual(await accepted.json(), { caller: claims.oid });
};

import { anyOf, appPermissions, scopes } from '@entra-guard/express';
import { asCaller, assertRowSecurity } from '@entra-guard/postgres';
import { Pool } from 'pg';
import { app, guard } from './your-own.js';

const pool = new Pool(); // as orders_api, by PGUSER
pool.on('error', () => {}); // an idle connection broke: the pool opens another one
await assertRowSecurity(pool, { tables: ['orders'] });

const readers = anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'));
app.get('/orders', guard.require(readers), async (req, res) => {
  const { rows } = await asCaller(pool, req.auth, (client) => client.query('select id, item from orders'));
  res.json(rows);
});

app.post('/orders/:item', guard.require(scopes('Orders.Write')), async (req, res) => {
  await asCaller(pool, req.auth, (client) =>
    client.query('insert into orders (item) values ($1)', [req.params.item]),
  );
  res.sendStatus(201);
});

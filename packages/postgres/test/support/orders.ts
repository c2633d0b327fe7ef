import { testAuth } from '@entra-guard/core/testing';
import { APP, functionsSql, type PostgresServer } from './postgres-server.js';

const TENANT = '11111111-1111-4111-8111-111111111111';
export const AGENT = '77777777-7777-4777-8777-777777777777';
const BLUEPRINT = '88888888-8888-4888-8888-888888888888';
const person = (number: number) => `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`;

/** A user of the tenant, by number. */
export const user = (
  number: number,
  scopes: readonly [string, ...string[]] = ['Orders.Read', 'Orders.Write'],
) =>
  testAuth({
    kind: 'user',
    scopes,
    tenantId: TENANT,
    objectId: person(number),
    // Known to be without an agent.
    claims: {
      name: 'Ada Lovelace',
      preferred_username: 'ada@contoso.example',
      xms_act_fct: '0',
      xms_sub_fct: '0',
    },
  });

export const ada = user(1);
export const bob = user(2);
export const adaWithoutScope = user(1, ['Profile.Read']);
export const nightlyJob = testAuth({ kind: 'app', roles: ['Orders.Read.All'], tenantId: TENANT });
/** An agent identity with a token of Ada's. */
export const agentForAda = testAuth({
  kind: 'user',
  scopes: ['Orders.Read', 'Orders.Write'],
  tenantId: TENANT,
  objectId: person(1),
  clientId: AGENT,
  claims: { xms_act_fct: '11', xms_sub_fct: '0', xms_par_app_azp: BLUEPRINT },
});

/** A table of orders whose rows belong to callers: 3 of Ada's, 2 of Bob's. Agents may read and not write. */
export async function ordersOn(server: PostgresServer): Promise<void> {
  await server.admin(functionsSql);
  await server.admin(`
    create role owner;
    create table orders (id serial primary key, owner text not null, item text not null);
    alter table orders owner to owner;
    grant select, insert, update, delete on orders to ${APP};
    grant usage on sequence orders_id_seq to ${APP};
    alter table orders enable row level security;
    alter table orders force row level security;
    create policy own_read on orders for select
      using (owner = (select entra.subject()) and (select entra.has_scope('Orders.Read')));
    create policy own_write on orders for insert
      with check (owner = (select entra.subject()) and (select entra.has_scope('Orders.Write')) and not (select entra.may_be_agent()));
    create policy job on orders for select using ((select entra.has_app_permission('Orders.Read.All')));
    insert into orders (owner, item) values
      ${[ada, ada, ada, bob, bob].map(({ subjectKey }, at) => `('${subjectKey}', 'item ${at}')`).join(', ')};
  `);
}

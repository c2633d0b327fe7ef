create table orders (id serial primary key, owner text not null default entra.subject(), item text not null);
alter table orders enable row level security;
alter table orders force row level security;

create policy own_orders on orders for select
  using (owner = (select entra.subject()) and (select entra.has_scope('Orders.Read')));
create policy new_orders on orders for insert
  with check (owner = (select entra.subject()) and (select entra.has_scope('Orders.Write'))
    and not (select entra.may_be_agent()));
create policy nightly_job on orders for select
  using ((select entra.has_app_permission('Orders.Read.All')));

create role orders_api login;
grant select, insert on orders to orders_api;
grant usage on sequence orders_id_seq to orders_api;

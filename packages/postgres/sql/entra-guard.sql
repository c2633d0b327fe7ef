-- entra-guard: who calls, for row level security. PostgreSQL 12 or later.
--
-- Run it as the role that owns the schema, and again after an update of @entra-guard/postgres: it replaces what is there.
-- The application's role needs no right to change the schema, and must not own the tables.
--
-- asCaller(...) puts the caller into the setting entra.claims, for one transaction. In policies write
-- (select entra.subject()), so that it is evaluated once for each statement and not for each row.
--
-- SQL that runs in the session can set entra.claims as well: this is not a boundary against SQL injection.

begin;

create schema if not exists entra;
grant usage on schema entra to public;

-- The caller: { "v": 1, "kind": "user" | "app" | "anonymous", "tenantId", "objectId", "clientId", "subjectKey", "agent", "scopes", "roles" }.
-- Null where the transaction was begun without asCaller. Raises for anything else.
create or replace function entra.claims() returns jsonb
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
declare
  -- An empty text, and not null, where an earlier transaction of the connection had a caller.
  setting text := nullif(current_setting('entra.claims', true), '');
  claims jsonb;
begin
  if setting is null then
    return null;
  end if;
  -- Raises for what is not JSON. Caught, it would need a subtransaction, which parallel workers can't have.
  claims := setting::jsonb;
  if jsonb_typeof(claims) is distinct from 'object' or claims -> 'v' is null then
    raise exception 'entra.claims can''t be read' using errcode = 'insufficient_privilege';
  end if;
  if claims -> 'v' <> '1' then
    raise exception 'entra.claims is of another version'
      using errcode = 'insufficient_privilege',
        hint = 'Run what "entra-guard postgres sql" prints, of the version that the application has.';
  end if;
  if claims ->> 'kind' = 'anonymous' and jsonb_typeof(claims -> 'kind') = 'string'
    and not claims ?| array['tenantId', 'objectId', 'clientId', 'subjectKey', 'agent', 'scopes', 'roles'] then
    return claims;
  end if;
  if coalesce(claims ->> 'kind', '') not in ('user', 'app')
    or jsonb_typeof(claims -> 'subjectKey') is distinct from 'string' or claims ->> 'subjectKey' = ''
    or jsonb_typeof(claims -> 'tenantId') is distinct from 'string' or claims ->> 'tenantId' = ''
    or jsonb_typeof(claims -> 'clientId') is distinct from 'string' or claims ->> 'clientId' = ''
    or jsonb_typeof(claims -> 'scopes') is distinct from 'array'
    or jsonb_typeof(claims -> 'roles') is distinct from 'array' then
    raise exception 'entra.claims does not describe a caller' using errcode = 'insufficient_privilege';
  end if;
  return claims;
end
$entra$;

-- The key of the caller's user or service principal: subjectKey, as in the audit events. Null for no caller and for an anonymous one.
create or replace function entra.subject() returns text
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
begin
  return entra.claims() ->> 'subjectKey';
end
$entra$;

-- 'user', 'app' or 'anonymous'; 'none' where the transaction was begun without asCaller.
create or replace function entra.kind() returns text
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
begin
  return coalesce(entra.claims() ->> 'kind', 'none');
end
$entra$;

-- Whether a user has consented to this scope for the client that calls. Never null.
create or replace function entra.has_scope(scope text) returns boolean
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
declare
  claims jsonb := entra.claims();
begin
  return coalesce(claims ->> 'kind' = 'user' and claims -> 'scopes' ? scope, false);
end
$entra$;

-- Whether the claim roles of the token has this value: an app role of a user, or an application permission of an app. Never null.
create or replace function entra.has_role(role text) returns boolean
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
begin
  return coalesce(entra.claims() -> 'roles' ? role, false);
end
$entra$;

-- Whether a user has this role. Never true for an app, whose roles are application permissions. Never null.
create or replace function entra.has_user_role(role text) returns boolean
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
declare
  claims jsonb := entra.claims();
begin
  return coalesce(claims ->> 'kind' = 'user' and claims -> 'roles' ? role, false);
end
$entra$;

-- Whether an app that calls as itself has this application permission. Never true for a user. Never null.
create or replace function entra.has_app_permission(permission text) returns boolean
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
declare
  claims jsonb := entra.claims();
begin
  return coalesce(claims ->> 'kind' = 'app' and claims -> 'roles' ? permission, false);
end
$entra$;

-- Whether an AI agent may be involved: false only where the token says, for the client and for the subject, that none is. Never null.
create or replace function entra.may_be_agent() returns boolean
  language plpgsql stable parallel safe
  set search_path = ''
as $entra$
declare
  agent jsonb := entra.claims() -> 'agent';
begin
  return not coalesce(agent -> 'actor' = 'false' and agent -> 'subject' = 'false', false);
end
$entra$;

commit;

-- Roles own nothing. What a role may do is granted table by table.
do $$ begin
  execute format('grant connect, temporary on database %I to tradeai_app, tradeai_system', current_database());
  -- The job runner installs and upgrades its own schema.
  execute format('grant create on database %I to tradeai_system', current_database());
end $$;
grant usage on schema platform to tradeai_app, tradeai_system;

create function platform.current_tenant() returns uuid language sql stable
  return nullif(current_setting('tradeai.tenant_id', true), '')::uuid;

-- Row-level security, forced, on a table with a tenant_id; `privileges` is what the application may do there.
create procedure platform.protect_tenant_table(target regclass, privileges text default 'select, insert, update, delete')
language plpgsql as $$ begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant_isolation on %s to tradeai_app
    using (tenant_id = (select platform.current_tenant())) with check (tenant_id = (select platform.current_tenant()))', target);
  execute format('grant %s on %s to tradeai_app', privileges, target);
end $$;

-- What the system's role may do across tenants on a table: the named exceptions (event log, timers, identity).
create procedure platform.admit_system(target regclass, privileges text)
language plpgsql as $$ begin
  execute format('create policy system_access on %s to tradeai_system using (true) with check (true)', target);
  execute format('grant %s on %s to tradeai_system', privileges, target);
end $$;

create table platform.idempotency_key (
  tenant_id uuid not null,
  actor_id uuid not null,
  key text collate "C" not null,
  request_hash text not null,
  status integer,
  etag integer,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, actor_id, key)
);
call platform.protect_tenant_table('platform.idempotency_key');
create index idempotency_key_age on platform.idempotency_key (created_at);
call platform.admit_system('platform.idempotency_key', 'select, delete');

create schema invariant;
grant usage on schema invariant to tradeai_app;

-- Who checks a tenant now: a round is taken by moving this instant on, so that of several processes one checks.
create table invariant.round (
  tenant_id uuid primary key,
  taken_at timestamptz not null
);
call platform.protect_tenant_table('invariant.round', 'select, insert, update');

-- How each invariant stood when it was last looked at.
create table invariant.result (
  tenant_id uuid not null,
  id uuid not null,
  name text collate "C" not null,
  state text collate "C" not null check (state in ('holds', 'broken', 'unchecked')),
  -- Since when it has stood so.
  since timestamptz not null,
  checked_at timestamptz not null,
  took_ms integer not null,
  -- Why the check itself could not run.
  failure text,
  check ((state = 'unchecked') = (failure is not null)),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call platform.protect_tenant_table('invariant.result', 'select, insert, update');

-- Append-only: a breach is opened when a check first finds it and closed when a check no longer does.
create table invariant.breach (
  tenant_id uuid not null,
  id uuid not null,
  name text collate "C" not null,
  subject text collate "C" not null,
  change text collate "C" not null check (change in ('opened', 'closed')),
  detail text not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
create index breach_of_invariant on invariant.breach (tenant_id, name, subject, id);
call platform.protect_tenant_table('invariant.breach', 'select, insert');

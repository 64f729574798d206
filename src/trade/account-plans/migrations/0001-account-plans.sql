create schema account_plans;
grant usage on schema account_plans to tradeai_app;

-- The plan of a customer for a fiscal year: what people state. What it comes to stands in its snapshots.
create table account_plans.plan (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  customer_id uuid not null,
  fiscal_year integer not null,
  currency text collate "C" not null,
  targets jsonb not null,
  baseline_changes jsonb not null,
  version integer not null check (version > 0),
  -- Why the latest calculation was refused, for people.
  refusal text,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, customer_id, fiscal_year),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id)
);
call platform.protect_tenant_table('account_plans.plan', 'select, insert, update');

-- Baselines, prices, terms and shipments that snapshots were counted from: gzipped JSON. Kept once for all snapshots
-- that share them.
create table account_plans.basis (
  tenant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  hash text collate "C" not null,
  body bytea not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, plan_id, hash),
  foreign key (tenant_id, plan_id) references account_plans.plan (tenant_id, id)
);
alter table account_plans.basis alter column body set storage external;
call platform.protect_tenant_table('account_plans.basis', 'select, insert');

-- What a plan came to, with all that it was counted from. Never changed.
create table account_plans.snapshot (
  tenant_id uuid not null,
  plan_id uuid not null,
  number integer not null check (number > 0),
  plan_version integer not null,
  basis_id uuid not null,
  -- Promotions as they were counted: gzipped JSON.
  events bytea not null,
  hash text collate "C" not null,
  targets jsonb not null,
  baseline_changes jsonb not null,
  -- Versions of everything it was counted from.
  inputs jsonb not null,
  -- Whole numbers by period and line.
  figures jsonb not null,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, plan_id, number),
  foreign key (tenant_id, plan_id) references account_plans.plan (tenant_id, id),
  foreign key (tenant_id, basis_id) references account_plans.basis (tenant_id, id)
);
alter table account_plans.snapshot alter column events set storage external;
call platform.protect_tenant_table('account_plans.snapshot', 'select, insert');

-- A plan as it might be: edits of a snapshot, apart from the real promotions until it is adopted.
create table account_plans.scenario (
  tenant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  snapshot integer not null,
  name text not null,
  state text collate "C" not null check (state in ('open', 'adopted', 'not_adopted')),
  version integer not null check (version > 0),
  edits jsonb not null,
  -- Promotions that its edits add or change, as predicted: gzipped JSON.
  events bytea not null,
  figures jsonb not null,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  adopted_by uuid,
  adopted_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, plan_id, snapshot) references account_plans.snapshot (tenant_id, plan_id, number),
  check ((state = 'adopted') = (adopted_at is not null and adopted_by is not null))
);
create index scenario_of_plan on account_plans.scenario (tenant_id, plan_id, created_at);
call platform.protect_tenant_table('account_plans.scenario', 'select, insert, update');

-- What became of each edit of an adopted scenario.
create table account_plans.adoption (
  tenant_id uuid not null,
  scenario_id uuid not null,
  position integer not null,
  state text collate "C" not null check (state in ('waiting', 'done', 'refused')),
  promotion_id uuid,
  detail text not null,
  primary key (tenant_id, scenario_id, position),
  foreign key (tenant_id, scenario_id) references account_plans.scenario (tenant_id, id)
);
call platform.protect_tenant_table('account_plans.adoption', 'select, insert, update');

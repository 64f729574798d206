-- Drafts that were played over all past approvals: what they came to, counted.
create table workflow.replay (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('decision', 'process')),
  version_id uuid not null,
  code text collate "C" not null,
  version integer not null,
  state text collate "C" not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- What of an instance's summary approvals are counted by, beside all else.
  group_by text collate "C",
  requested_by uuid not null,
  requested_at timestamptz not null,
  ended_at timestamptz,
  approvals integer not null default 0,
  replayed integer not null default 0,
  failure text,
  summary jsonb,
  primary key (tenant_id, id)
);
create index replay_version on workflow.replay (tenant_id, version_id, requested_at, id);
create index replay_code on workflow.replay (tenant_id, kind, code);
call platform.protect_tenant_table('workflow.replay', 'select, insert, update');

-- The approvals that come out otherwise; those that come out the same are counted only.
create table workflow.replayed (
  tenant_id uuid not null,
  replay_id uuid not null,
  instance_id uuid not null,
  ended_at timestamptz not null,
  grouped text collate "C",
  steps_then smallint not null,
  steps_now smallint not null,
  outcome_then text collate "C",
  outcome_now text collate "C",
  rows integer[] not null,
  differences text[] collate "C" not null,
  breaches jsonb not null,
  steps jsonb not null,
  stopped text,
  primary key (tenant_id, replay_id, instance_id),
  foreign key (tenant_id, replay_id) references workflow.replay (tenant_id, id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
create index replayed_ended on workflow.replayed (tenant_id, replay_id, ended_at, instance_id);
create index replayed_instance on workflow.replayed (tenant_id, instance_id);
call platform.protect_tenant_table('workflow.replayed', 'select, insert, delete');

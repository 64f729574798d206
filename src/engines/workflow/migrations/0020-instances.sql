-- Instances that run on the step function. A null position is an instance of before: it is opened at its step.
alter table workflow.instance
  add column position jsonb,
  add column revision integer not null default 0,
  add column parent_instance_id uuid,
  add column parent_token integer,
  -- The instance at the top of those that call each other, whose lock holds for all of them; null: itself.
  add column root_instance_id uuid,
  add column depth smallint not null default 0,
  add foreign key (tenant_id, parent_instance_id) references workflow.instance (tenant_id, id),
  add foreign key (tenant_id, root_instance_id) references workflow.instance (tenant_id, id),
  drop constraint instance_state_check,
  add constraint instance_state_check check (state in ('running', 'completed', 'cancelled', 'failed'));
drop index workflow.instance_running;
create unique index instance_running on workflow.instance (tenant_id, subject_type, subject_id)
  where state = 'running' and parent_instance_id is null;
create index instance_parent on workflow.instance (tenant_id, parent_instance_id) where parent_instance_id is not null;
create index instance_started on workflow.instance (tenant_id, started_at, id);

alter table workflow.task
  add column token integer,
  -- Processes name their outcomes themselves.
  drop constraint task_outcome_check;

-- What an instance waits for outside of people: a moment, a message, a signal, the next try of an effect.
create table workflow.wait (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  token integer not null,
  event text collate "C" not null,
  kind text collate "C" not null check (kind in ('timer', 'message', 'signal', 'retry')),
  name text collate "C",
  correlation text collate "C",
  primary key (tenant_id, id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
create index wait_instance on workflow.wait (tenant_id, instance_id, token);
create index wait_named on workflow.wait (tenant_id, kind, name, correlation) where name is not null;
call platform.protect_tenant_table('workflow.wait', 'select, insert, delete');

-- Messages that an instance was told of: told twice, they do nothing twice.
create table workflow.received (
  tenant_id uuid not null,
  instance_id uuid not null,
  message_id text collate "C" not null,
  at timestamptz not null,
  primary key (tenant_id, instance_id, message_id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
call platform.protect_tenant_table('workflow.received', 'select, insert');

create table workflow.incident (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  token integer not null,
  node text collate "C" not null,
  message text not null,
  raised_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by uuid,
  note text,
  primary key (tenant_id, id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
create index incident_instance on workflow.incident (tenant_id, instance_id);
create index incident_open on workflow.incident (tenant_id, raised_at, id) where resolved_at is null;
call platform.protect_tenant_table('workflow.incident', 'select, insert, update');

-- One vote of several on a task.
create table workflow.ballot (
  tenant_id uuid not null,
  task_id uuid not null,
  person_id uuid not null,
  outcome text collate "C" not null,
  comment text not null,
  cast_at timestamptz not null,
  primary key (tenant_id, task_id, person_id),
  foreign key (tenant_id, task_id) references workflow.task (tenant_id, id)
);
call platform.protect_tenant_table('workflow.ballot', 'select, insert');

-- Processes that administrators draw; an instance keeps the version that it began with.
create table workflow.process (
  tenant_id uuid not null,
  code text collate "C" not null,
  version integer not null,
  state text collate "C" not null check (state in ('draft', 'published', 'retired')),
  hash text collate "C" not null,
  model jsonb not null,
  diagram jsonb,
  made_at timestamptz not null,
  made_by uuid not null,
  published_at timestamptz,
  published_by uuid,
  retired_at timestamptz,
  retired_by uuid,
  primary key (tenant_id, code, version)
);
create unique index process_published on workflow.process (tenant_id, code) where state = 'published';
call platform.protect_tenant_table('workflow.process', 'select, insert, update');

create schema workflow;
grant usage on schema workflow to tradeai_app, tradeai_system;

-- Every version of a process that an instance ever ran on, by content hash: history replays on what was decided upon.
create table workflow.definition (
  tenant_id uuid not null,
  code text collate "C" not null,
  hash text collate "C" not null,
  body jsonb not null,
  first_used_at timestamptz not null,
  primary key (tenant_id, code, hash)
);
call platform.protect_tenant_table('workflow.definition', 'select, insert');

create table workflow.instance (
  tenant_id uuid not null,
  id uuid not null,
  definition text collate "C" not null,
  definition_hash text collate "C" not null,
  subject_type text collate "C" not null,
  subject_id uuid not null,
  state text collate "C" not null check (state in ('running', 'completed', 'cancelled')),
  outcome text collate "C",
  step text collate "C",
  variables jsonb not null,
  -- Who made or amended the subject: none of them may decide it.
  makers uuid[] not null,
  title text not null,
  summary jsonb not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, definition, definition_hash) references workflow.definition (tenant_id, code, hash)
);
create unique index instance_running on workflow.instance (tenant_id, subject_type, subject_id) where state = 'running';
create index instance_subject on workflow.instance (tenant_id, subject_id);
call platform.protect_tenant_table('workflow.instance', 'select, insert, update');

create table workflow.task (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  step text collate "C" not null,
  state text collate "C" not null check (state in ('open', 'claimed', 'completed', 'cancelled')),
  assignee_id uuid,
  due_at timestamptz not null,
  created_at timestamptz not null,
  -- Why these people: the rule and the values that chose them.
  routing jsonb not null,
  outcome text collate "C" check (outcome in ('approved', 'rejected', 'returned')),
  comment text,
  completed_by uuid,
  completed_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
create index task_instance on workflow.task (tenant_id, instance_id);
create index task_open on workflow.task (tenant_id, due_at, id) where state in ('open', 'claimed');
call platform.protect_tenant_table('workflow.task', 'select, insert, update');

create table workflow.candidate (
  tenant_id uuid not null,
  task_id uuid not null,
  person_id uuid not null,
  -- Who passed the task on, where it was delegated or reassigned.
  given_by uuid,
  primary key (tenant_id, task_id, person_id),
  foreign key (tenant_id, task_id) references workflow.task (tenant_id, id)
);
create index candidate_person on workflow.candidate (tenant_id, person_id, task_id);
call platform.protect_tenant_table('workflow.candidate', 'select, insert, delete');

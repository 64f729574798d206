-- How somebody wants to hear by e-mail of what waits for them; without a row: at once.
create table workflow.mail_choice (
  tenant_id uuid not null,
  person_id uuid not null,
  choice text collate "C" not null check (choice in ('off', 'now', 'daily')),
  changed_at timestamptz not null,
  primary key (tenant_id, person_id)
);
call platform.protect_tenant_table('workflow.mail_choice', 'select, insert, update, delete');

-- E-mails about tasks: to whom, about what and how far they are; what they say is written when they are sent.
create table workflow.mail (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  person_id uuid not null,
  kind text collate "C" not null check (kind in ('opened', 'given', 'reminded', 'escalated')),
  -- When that happened: the same is told once, a second reminder is another.
  happened_at timestamptz not null,
  digest boolean not null,
  state text collate "C" not null default 'waiting' check (state in ('waiting', 'sent', 'dropped', 'failed')),
  send_at timestamptz not null,
  claimed_until timestamptz,
  tries integer not null default 0,
  error text,
  ended_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, task_id, person_id, kind, happened_at),
  foreign key (tenant_id, task_id) references workflow.task (tenant_id, id)
);
create index mail_due on workflow.mail (send_at) where state = 'waiting';
create index mail_state on workflow.mail (tenant_id, state, happened_at, id);
create index mail_ended on workflow.mail (tenant_id, ended_at) where ended_at is not null;
call platform.protect_tenant_table('workflow.mail', 'select, insert, update, delete');
call platform.admit_system('workflow.mail', 'select');

create schema event;
grant usage on schema event to tradeai_app, tradeai_system;

-- Written inside business transactions; emptied into event.log after they have committed.
create table event.outbox (
  tenant_id uuid not null,
  id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  type text collate "C" not null,
  version integer not null,
  subject_type text collate "C" not null,
  subject_id uuid not null,
  data jsonb not null,
  actor_id uuid not null,
  request_id text not null,
  traceparent text,
  occurred_at timestamptz not null,
  primary key (tenant_id, id)
);
create index outbox_order on event.outbox (xid, seq);
call platform.protect_tenant_table('event.outbox', 'insert');
call platform.admit_system('event.outbox', 'select, delete');

-- Gapless positions, given after commit: who has read up to n has seen everything up to n.
create table event.log (
  position bigint primary key,
  tenant_id uuid not null,
  id uuid not null,
  type text collate "C" not null,
  version integer not null,
  subject_type text collate "C" not null,
  subject_id uuid not null,
  data jsonb not null,
  actor_id uuid not null,
  request_id text not null,
  traceparent text,
  occurred_at timestamptz not null,
  unique (tenant_id, id)
);
create index log_tenant on event.log (tenant_id, position);
create index log_time on event.log (tenant_id, occurred_at);
create index log_subject on event.log (tenant_id, subject_type, subject_id, position);
call platform.protect_tenant_table('event.log', 'select');
call platform.admit_system('event.log', 'select, insert');

-- A restored database is another epoch: positions of the old one mean nothing to it.
create table event.epoch (id uuid primary key);
insert into event.epoch values (gen_random_uuid());
grant select on event.epoch to tradeai_app, tradeai_system;

-- How far each subscription has come; advanced in the transaction that holds the subscription's effects.
create table event.cursor (
  subscription text collate "C" primary key,
  position bigint not null
);
grant select, update on event.cursor to tradeai_app;
grant select, insert, update on event.cursor to tradeai_system;

-- Events that a subscription could not take after several tries: an administrator looks at them.
create table event.dead_letter (
  subscription text collate "C" not null,
  position bigint not null,
  tenant_id uuid not null,
  error text not null,
  at timestamptz not null,
  primary key (subscription, position)
);
call platform.protect_tenant_table('event.dead_letter', 'select');
call platform.admit_system('event.dead_letter', 'select, insert');

create schema timer;
grant usage on schema timer to tradeai_app, tradeai_system;
create table timer.timer (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null,
  subject_id uuid not null,
  due_at timestamptz not null,
  data jsonb not null,
  attempts integer not null default 0,
  primary key (tenant_id, id)
);
create index timer_due on timer.timer (due_at);
create index timer_subject on timer.timer (tenant_id, kind, subject_id);
call platform.protect_tenant_table('timer.timer');
call platform.admit_system('timer.timer', 'select');

-- Requests of data subjects, consents and breaches (GDPR, Articles 7, 12 to 22, 33 and 34).
create schema privacy;
grant usage on schema privacy to tradeai_app, tradeai_system;

create table privacy.request (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('access', 'portability', 'rectification', 'erasure', 'restriction', 'objection')),
  -- Null: somebody without an account.
  person_id uuid,
  -- Who asked and how to reach them, sealed under a key of the request.
  contact bytea not null,
  -- What was asked, in their words, sealed likewise.
  asked bytea,
  received_on date not null,
  due_on date not null,
  extension_reason text,
  state text collate "C" not null check (state in ('open', 'done', 'refused', 'withdrawn')),
  -- How the officer made sure of who asked.
  identity_proof text,
  identity_checked_at timestamptz,
  identity_checked_by uuid,
  decision text,
  decided_at timestamptz,
  decided_by uuid,
  -- What was done: tables and counts, kept with reasons.
  evidence json,
  opened_by uuid not null,
  opened_at timestamptz not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  check ((state = 'open') = (decided_at is null)),
  check (due_on > received_on)
);
create index request_due on privacy.request (tenant_id, state, due_on, id);
call platform.protect_tenant_table('privacy.request', 'select, insert, update');
call platform.admit_system('privacy.request', 'select, update');

-- What names were, for rectification with history: sealed under the person's key, so that an erasure takes it too.
create table privacy.rectification (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  person_id uuid not null,
  before bytea not null,
  after bytea not null,
  rectified_by uuid not null,
  rectified_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, request_id) references privacy.request
);
call platform.protect_tenant_table('privacy.rectification', 'select, insert');
call platform.admit_system('privacy.rectification', 'select, insert');

-- Append-only: the newest row of a person and a purpose holds.
create table privacy.consent (
  tenant_id uuid not null,
  id uuid not null,
  seq bigint generated always as identity,
  person_id uuid not null,
  purpose text not null,
  given boolean not null,
  -- Which text they agreed to, and how.
  wording text not null,
  source text not null,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id)
);
create index consent_person on privacy.consent (tenant_id, person_id, purpose, seq desc);
call platform.protect_tenant_table('privacy.consent', 'select, insert');

create table privacy.breach (
  tenant_id uuid not null,
  id uuid not null,
  title text not null,
  what_happened text not null,
  aware_at timestamptz not null,
  -- 72 hours later.
  due_at timestamptz not null,
  risk text collate "C" not null check (risk in ('unknown', 'unlikely', 'risk', 'high')),
  people_affected integer check (people_affected >= 0),
  measures text,
  authority_told_at timestamptz,
  late_reason text,
  people_told_at timestamptz,
  closed_at timestamptz,
  reported_by uuid not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  check (authority_told_at is null or authority_told_at <= due_at or late_reason is not null)
);
create index breach_due on privacy.breach (tenant_id, due_at desc, id);
call platform.protect_tenant_table('privacy.breach', 'select, insert, update');

-- Step by step what was done about a request or a breach.
create table privacy.step (
  tenant_id uuid not null,
  id uuid not null,
  seq bigint generated always as identity,
  subject_id uuid not null,
  what text collate "C" not null,
  note text,
  actor_id uuid not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
create index step_subject on privacy.step (tenant_id, subject_id, seq);
call platform.protect_tenant_table('privacy.step', 'select, insert');
call platform.admit_system('privacy.step', 'select, insert');

-- An erasure ends every way of a person to come in.
call platform.admit_system('identity.provisioned', 'select, delete');
grant delete on identity.single_sign_on_person to tradeai_system;

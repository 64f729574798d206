-- What nobody may change alone: it waits here until a second person confirms it, is withdrawn, or lapses.
create table identity.waiting_change (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('single_sign_on', 'retention')),
  -- What it is about: a provider's id, a class of entries.
  subject_id text collate "C" not null,
  body json not null,
  -- A secret that is part of it, sealed for this place; gone once it was decided.
  secret bytea,
  asked_by uuid not null,
  asked_at timestamptz not null,
  state text collate "C" not null default 'waiting' check (state in ('waiting', 'confirmed', 'withdrawn')),
  decided_by uuid,
  decided_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'waiting') = (decided_by is null)),
  check (state = 'waiting' or secret is null),
  -- Whoever asked does not confirm.
  check (state <> 'confirmed' or decided_by <> asked_by)
);
-- Asking again withdraws what was asked before.
create unique index waiting_change_one on identity.waiting_change (tenant_id, kind, subject_id) where state = 'waiting';
call platform.protect_tenant_table('identity.waiting_change', 'select, insert, update');
-- Turning over keys seals secrets anew.
call platform.admit_system('identity.waiting_change', 'select');
grant update (secret) on identity.waiting_change to tradeai_system;

-- The trail in partitions by retention class and time, and its seals: a gap-free sequence and a Merkle tree per tenant
-- (RFC 9162) with signed checkpoints. What is sealed is never altered; what is dropped leaves a signed record.
alter table audit.entry rename to entry_whole;
alter table audit.entry_whole drop constraint entry_pkey;
drop index audit.entry_at, audit.entry_entity, audit.entry_actor;

create table audit.entry (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  action text collate "C" not null,
  entity_type text collate "C" not null,
  entity_id text collate "C" not null,
  -- Text as it was authenticated, which jsonb would not keep.
  before json,
  after json,
  reason text,
  request_id text not null,
  -- HMAC-SHA-256 under a key that the database never sees.
  mac_version smallint not null,
  mac bytea not null,
  -- How long it is kept; the longest, unless the action says less.
  retention_class text collate "C" not null default 'financial',
  primary key (tenant_id, id, at, retention_class)
) partition by list (retention_class);
create index entry_at on audit.entry (tenant_id, at, id);
create index entry_entity on audit.entry (tenant_id, entity_type, entity_id, at);
create index entry_actor on audit.entry (tenant_id, actor_id, at);
call platform.protect_tenant_table('audit.entry', 'select, insert');
-- Accepting an invitation and signing in happen before a tenant's transaction can run.
call platform.admit_system('audit.entry', 'select, insert');

-- Nobody opens a partition directly: no policy and no privilege but the owner's.
create procedure audit.close_partition(target regclass) language plpgsql as $$ begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy owner_keeps on %s to %I using (true) with check (true)', target, current_user);
  execute format('alter table %s force row level security', target);
end $$;

create table audit.entry_operational partition of audit.entry for values in ('operational') partition by range (at);
create table audit.entry_card_data partition of audit.entry for values in ('card_data') partition by range (at);
create table audit.entry_financial partition of audit.entry for values in ('financial') partition by range (at);
-- What no partition is there for: nothing that was done may be lost because nobody made room for it.
create table audit.entry_other partition of audit.entry default;
create table audit.entry_operational_other partition of audit.entry_operational default;
create table audit.entry_card_data_other partition of audit.entry_card_data default;
create table audit.entry_financial_other partition of audit.entry_financial default;
call audit.close_partition('audit.entry_operational');
call audit.close_partition('audit.entry_card_data');
call audit.close_partition('audit.entry_financial');
call audit.close_partition('audit.entry_other');
call audit.close_partition('audit.entry_operational_other');
call audit.close_partition('audit.entry_card_data_other');
call audit.close_partition('audit.entry_financial_other');

-- A partition holds a calendar month (financial: a year), UTC: its beginning, and where the next one begins.
create function audit.partition_start(class text, around timestamptz) returns timestamptz language sql immutable
  return date_trunc(case class when 'financial' then 'year' else 'month' end, around at time zone 'UTC') at time zone 'UTC';
create function audit.partition_end(class text, around timestamptz) returns timestamptz language sql immutable
  return (audit.partition_start(class, around) at time zone 'UTC'
    + case class when 'financial' then interval '1 year' else interval '1 month' end) at time zone 'UTC';
create function audit.partition_name(class text, around timestamptz) returns text language sql stable
  return 'entry_' || class || to_char(audit.partition_start(class, around) at time zone 'UTC',
    case class when 'financial' then '_YYYY' else '_YYYY_MM' end);

-- Makes the partition of an instant where there is none; rows that wait in the catch-all move there.
create function audit.ensure_partition(class text, around timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $$
declare
  name text := audit.partition_name(class, around);
  first timestamptz := audit.partition_start(class, around);
  past timestamptz := audit.partition_end(class, around);
begin
  if class not in ('operational', 'card_data', 'financial') then raise exception 'no retention class %', class; end if;
  if to_regclass('audit.' || name) is not null then return false; end if;
  -- What a transaction at hand is writing there must be seen and moved too: attaching refuses a row that was left.
  execute format('lock table audit.%I in access exclusive mode', 'entry_' || class || '_other');
  if to_regclass('audit.' || name) is not null then return false; end if;
  execute format('create table audit.%I (like audit.entry including defaults)', name);
  execute format('with moved as (delete from audit.%I where at >= %L and at < %L returning *)
    insert into audit.%I select * from moved', 'entry_' || class || '_other', first, past, name);
  execute format('call audit.close_partition(%L)', 'audit.' || name);
  execute format('alter table audit.%I attach partition audit.%I for values from (%L) to (%L)',
    'entry_' || class, name, first, past);
  return true;
end $$;

insert into audit.entry (tenant_id, id, at, actor_id, on_behalf_of, action, entity_type, entity_id, before, after, reason,
    request_id, mac_version, mac, retention_class)
  select tenant_id, id, at, actor_id, on_behalf_of, action, entity_type, entity_id, before, after, reason, request_id,
    mac_version, mac, case when action like 'session.%' then 'operational' else 'financial' end
  from audit.entry_whole;
drop table audit.entry_whole;

-- Committed entries that have no place in the sequence yet.
create table audit.unsealed (
  tenant_id uuid not null,
  entry_id uuid not null,
  at timestamptz not null,
  retention_class text collate "C" not null,
  -- Its MAC did not verify: it is not sealed, and the invariant tells.
  refused boolean not null default false,
  primary key (tenant_id, entry_id)
);
create index unsealed_at on audit.unsealed (tenant_id, at);
call platform.protect_tenant_table('audit.unsealed', 'select, insert');
call platform.admit_system('audit.unsealed', 'select, insert, update, delete');
insert into audit.unsealed (tenant_id, entry_id, at, retention_class)
  select tenant_id, id, at, retention_class from audit.entry;

-- The sequence: leaf number seq of the tenant's tree. Stays when the entry is dropped.
create table audit.seal (
  tenant_id uuid not null,
  seq bigint not null,
  entry_id uuid not null,
  at timestamptz not null,
  retention_class text collate "C" not null,
  leaf_hash bytea not null,
  primary key (tenant_id, seq),
  unique (tenant_id, entry_id)
);
create index seal_time on audit.seal (tenant_id, retention_class, at);
call platform.protect_tenant_table('audit.seal', 'select');
call platform.admit_system('audit.seal', 'select, insert');

-- Roots of full subtrees of 2^8, 2^16, 2^24, … leaves: a proof reads some hundred rows, however many entries there are.
create table audit.node (
  tenant_id uuid not null,
  level smallint not null,
  position bigint not null,
  hash bytea not null,
  primary key (tenant_id, level, position)
);
call platform.protect_tenant_table('audit.node', 'select');
call platform.admit_system('audit.node', 'select, insert');

-- Where each tree goes on: its size and the roots of the full subtrees it consists of, largest first.
create table audit.tree (
  tenant_id uuid primary key,
  size bigint not null,
  frontier bytea not null
);
call platform.protect_tenant_table('audit.tree', 'select');
call platform.admit_system('audit.tree', 'select, insert, update');

-- A signed note each (C2SP tlog-checkpoint).
create table audit.checkpoint (
  tenant_id uuid not null,
  size bigint not null,
  at timestamptz not null,
  note text not null,
  primary key (tenant_id, size)
);
call platform.protect_tenant_table('audit.checkpoint', 'select');
call platform.admit_system('audit.checkpoint', 'select, insert');

-- Public keys only: the private ones are derived from the product's secret key, which the database never sees.
create table audit.signing_key (
  generation integer primary key,
  public_key bytea not null,
  created_at timestamptz not null,
  -- The note in which the generation before vouches for this one; null for the first.
  voucher text
);
grant select, insert on audit.signing_key to tradeai_system;

-- How long a tenant keeps a class online, where that is not the default.
create table audit.retention (
  tenant_id uuid not null,
  retention_class text collate "C" not null,
  keep_days integer not null check (keep_days > 0),
  primary key (tenant_id, retention_class)
);
call platform.protect_tenant_table('audit.retention', 'select, insert, update');
call platform.admit_system('audit.retention', 'select');

-- While one is open, nothing of the tenant's trail is dropped.
create table audit.legal_hold (
  tenant_id uuid not null,
  id uuid not null,
  reason text not null,
  placed_by uuid not null,
  placed_at timestamptz not null,
  released_by uuid,
  released_at timestamptz,
  primary key (tenant_id, id)
);
call platform.protect_tenant_table('audit.legal_hold', 'select, insert, update');
call platform.admit_system('audit.legal_hold', 'select');

-- What was dropped after its time, with the signed note that says how much it was and its root.
create table audit.dropped (
  tenant_id uuid not null,
  retention_class text collate "C" not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  entries bigint not null,
  note text not null,
  primary key (tenant_id, retention_class, starts_at)
);
call platform.protect_tenant_table('audit.dropped', 'select');
call platform.admit_system('audit.dropped', 'select, insert');
do $$ begin
  execute format('create policy owner_reads on audit.dropped for select to %I using (true)', current_user);
  execute format('create policy owner_reads on audit.legal_hold for select to %I using (true)', current_user);
end $$;

-- Lets go of a tenant's entries of one partition once the signed record stands; the partition itself goes with the last
-- tenant that had entries there.
create function audit.drop_entries(of_tenant uuid, class text, first timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $$
declare
  name text := audit.partition_name(class, first);
  others boolean := true;
begin
  if not exists (select from audit.dropped where tenant_id = of_tenant and retention_class = class and starts_at = first)
  then raise exception 'there is no signed record of what would be dropped'; end if;
  if exists (select from audit.legal_hold where tenant_id = of_tenant and released_at is null)
  then raise exception 'a legal hold stands'; end if;
  if to_regclass('audit.' || name) is not null then
    execute format('select exists (select from audit.%I e where not exists (select from audit.dropped d
      where d.tenant_id = e.tenant_id and d.retention_class = %L and d.starts_at = %L))', name, class, first) into others;
    if not others then execute format('drop table audit.%I', name); return; end if;
  else name := 'entry_' || class || '_other';
  end if;
  execute format('delete from audit.%I where tenant_id = %L and at >= %L and at < %L',
    name, of_tenant, first, audit.partition_end(class, first));
end $$;

-- Results of verifications that people asked for.
create table audit.verification (
  tenant_id uuid not null,
  id uuid not null,
  requested_by uuid not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  result json,
  failure text,
  primary key (tenant_id, id)
);
create index verification_requested on audit.verification (tenant_id, requested_at, id);
call platform.protect_tenant_table('audit.verification', 'select, insert, update');

revoke execute on function audit.ensure_partition(text, timestamptz), audit.drop_entries(uuid, text, timestamptz),
  audit.partition_start(text, timestamptz), audit.partition_end(text, timestamptz), audit.partition_name(text, timestamptz)
  from public;
revoke execute on procedure audit.close_partition(regclass) from public;
grant execute on function audit.ensure_partition(text, timestamptz), audit.drop_entries(uuid, text, timestamptz),
  audit.partition_start(text, timestamptz), audit.partition_end(text, timestamptz) to tradeai_system;
do $$ declare one record; begin
  for one in select distinct retention_class as class, audit.partition_start(retention_class, at) as first from audit.entry
  loop perform audit.ensure_partition(one.class, one.first); end loop;
end $$;

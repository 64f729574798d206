-- What happened that matters to security, kept for 90 days, and what detection found in it. The nil UUID as tenant
-- stands for none: attempts at accounts that nobody has are the house's own, and no tenant sees them.
create schema security;
grant usage on schema security to tradeai_app, tradeai_system;

create table security.event (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  request_id text not null,
  kind text collate "C" not null,
  outcome text collate "C" not null check (outcome in ('succeeded', 'refused')),
  person_id uuid,
  session_id uuid,
  subject_id text collate "C",
  -- Fingerprints (keyed MACs): nothing here can be read back.
  address text collate "C",
  network text collate "C",
  device text collate "C",
  account text collate "C",
  detail jsonb not null,
  primary key (tenant_id, id, at)
) partition by range (at);
create index event_at on security.event (tenant_id, at, id);
create index event_person on security.event (tenant_id, person_id, at) where person_id is not null;
call platform.protect_tenant_table('security.event', 'select, insert');
call platform.admit_system('security.event', 'select, insert');
-- Takes what no month has been made for; emptied when the month is.
create table security.event_other partition of security.event default;
alter table security.event_other enable row level security;
alter table security.event_other force row level security;

-- What detection has not looked at yet. A row is here exactly as long as nobody has.
create table security.event_inbox (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
call platform.protect_tenant_table('security.event_inbox', 'select, insert');
call platform.admit_system('security.event_inbox', 'select, insert, delete');

-- Makes the months of `now` and the next one, and drops those that ended more than 90 days before. The roles of the
-- product own nothing, so this runs as the owner, and only the system's role may call it.
create function security.tend_event_months(moment timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set datestyle = 'ISO, YMD' set lock_timeout = '2s' as $$
declare
  month date; name text; old record;
begin
  perform pg_advisory_xact_lock(hashtext('security.event'));
  for i in 0..1 loop
    month := date_trunc('month', moment at time zone 'UTC')::date + make_interval(months => i);
    name := 'event_' || to_char(month, 'YYYY_MM');
    continue when to_regclass('security.' || name) is not null;
    execute format('create table security.%I (like security.event including all)', name);
    -- Row-level security would hide the rows from an owner that may not bypass it.
    alter table security.event_other no force row level security;
    execute format('with moved as (delete from security.event_other where at >= %1$L and at < %2$L returning *)
      insert into security.%3$I select * from moved', month || ' 00:00+00', (month + interval '1 month')::date || ' 00:00+00', name);
    alter table security.event_other force row level security;
    execute format('alter table security.event attach partition security.%1$I for values from (%2$L) to (%3$L)',
      name, month || ' 00:00+00', (month + interval '1 month')::date || ' 00:00+00');
    execute format('alter table security.%I enable row level security', name);
    execute format('alter table security.%I force row level security', name);
  end loop;
  alter table security.event_other no force row level security;
  delete from security.event_other where at < moment - interval '90 days';
  alter table security.event_other force row level security;
  for old in select relname from pg_class join pg_inherits on inhrelid = pg_class.oid
      where inhparent = 'security.event'::regclass and relname ~ '^event_\d{4}_\d\d$'
        and to_date(substr(relname, 7), 'YYYY_MM') + interval '1 month' < (moment at time zone 'UTC') - interval '90 days'
  loop execute format('drop table security.%I', old.relname); end loop;
end $$;
revoke all on function security.tend_event_months(timestamptz) from public;
grant execute on function security.tend_event_months(timestamptz) to tradeai_system;

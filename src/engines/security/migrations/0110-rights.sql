-- What a membership is kept to and how far it reaches, and how rights came to be: an append-only history that triggers
-- write, so that whoever changes a membership or a role cannot forget it.
alter table identity.membership
  -- Nodes of the customer and product trees; null: not narrowed.
  add column scope_customers uuid[] check (cardinality(scope_customers) between 1 and 200),
  add column scope_products uuid[] check (cardinality(scope_products) between 1 and 200),
  -- [{permission, currency, amount}]: decimal strings, null for unlimited.
  add column amount_limits jsonb not null default '[]' check (jsonb_typeof(amount_limits) = 'array'),
  add column changed_at timestamptz;
alter table identity.role add column changed_at timestamptz;

create table identity.membership_history (
  tenant_id uuid not null,
  person_id uuid not null,
  seq bigint generated always as identity,
  recorded_at timestamptz not null,
  roles text[] not null,
  approval_limit numeric(18, 3),
  approval_currency text collate "C" not null,
  scope_customers uuid[],
  scope_products uuid[],
  amount_limits jsonb not null,
  active boolean not null,
  -- Emergency access ends by itself.
  ends_at timestamptz,
  -- What stood when this history began: how long it had stood so is not known.
  seeded boolean not null default false,
  primary key (tenant_id, person_id, seq),
  foreign key (tenant_id, person_id) references identity.membership
);
create index membership_history_at on identity.membership_history (tenant_id, person_id, recorded_at desc, seq desc);
call platform.protect_tenant_table('identity.membership_history', 'select, insert');
call platform.admit_system('identity.membership_history', 'select, insert');

create table identity.role_history (
  tenant_id uuid not null,
  code text collate "C" not null,
  seq bigint generated always as identity,
  recorded_at timestamptz not null,
  name text not null,
  permissions text[] not null,
  seeded boolean not null default false,
  primary key (tenant_id, code, seq),
  foreign key (tenant_id, code) references identity.role
);
create index role_history_at on identity.role_history (tenant_id, code, recorded_at desc, seq desc);
call platform.protect_tenant_table('identity.role_history', 'select, insert');
call platform.admit_system('identity.role_history', 'select, insert');

-- A change that says when it was made is recorded as of then; one that does not, as of now. What a backup lays down brings
-- its history with it. Locks and ends of memberships are columns of later migrations.
create function identity.keep_membership() returns trigger language plpgsql as $$
declare
  ends timestamptz := (to_jsonb(new) ->> 'expires_at')::timestamptz;
  is_active boolean := new.disabled_at is null and to_jsonb(new) ->> 'locked_at' is null;
  last identity.membership_history;
begin
  if current_setting('tradeai.restoring', true) = 'on' then return null; end if;
  select * into last from identity.membership_history
    where tenant_id = new.tenant_id and person_id = new.person_id order by seq desc limit 1;
  if found and (last.roles, last.approval_limit, last.approval_currency, last.scope_customers, last.scope_products,
      last.amount_limits, last.active, last.ends_at)
    is not distinct from (new.roles, new.approval_limit, new.approval_currency, new.scope_customers, new.scope_products,
      new.amount_limits, is_active, ends) then return null; end if;
  insert into identity.membership_history (tenant_id, person_id, recorded_at, roles, approval_limit, approval_currency,
    scope_customers, scope_products, amount_limits, active, ends_at)
  values (new.tenant_id, new.person_id,
    case when tg_op = 'INSERT' then new.created_at
      when new.changed_at is distinct from old.changed_at then new.changed_at else clock_timestamp() end,
    new.roles, new.approval_limit, new.approval_currency, new.scope_customers, new.scope_products, new.amount_limits,
    is_active, ends);
  return null;
end $$;
create function identity.keep_role() returns trigger language plpgsql as $$
begin
  if current_setting('tradeai.restoring', true) = 'on' then return null; end if;
  insert into identity.role_history (tenant_id, code, recorded_at, name, permissions)
  values (new.tenant_id, new.code,
    case when tg_op = 'INSERT' then new.created_at
      when new.changed_at is distinct from old.changed_at then new.changed_at else clock_timestamp() end,
    new.name, new.permissions);
  return null;
end $$;

insert into identity.membership_history (tenant_id, person_id, recorded_at, roles, approval_limit, approval_currency,
  amount_limits, active, seeded)
  select tenant_id, person_id, created_at, roles, approval_limit, approval_currency, amount_limits, disabled_at is null, true
  from identity.membership;
insert into identity.role_history (tenant_id, code, recorded_at, name, permissions, seeded)
  select tenant_id, code, created_at, name, permissions, true from identity.role;

create trigger keep_membership after insert or update on identity.membership
  for each row execute function identity.keep_membership();
create trigger keep_role after insert or update of name, permissions on identity.role
  for each row execute function identity.keep_role();

-- Why somebody may hold both sides of a conflict for a while: asked by one, decided by another, ended by time.
create table identity.duty_exception (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  conflict text collate "C" not null,
  reason text not null check (length(reason) between 1 and 1000),
  state text collate "C" not null check (state in ('asked', 'granted', 'refused', 'ended')),
  expires_on date not null,
  asked_by uuid not null,
  asked_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  ended_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references identity.membership,
  -- Neither who it is for nor who asked may grant it.
  check (decided_by <> person_id and decided_by <> asked_by),
  check (state not in ('granted', 'refused') or decided_at is not null),
  check ((state = 'ended') = (ended_at is not null))
);
create index duty_exception_person on identity.duty_exception (tenant_id, person_id, asked_at desc);
call platform.protect_tenant_table('identity.duty_exception', 'select, insert, update');

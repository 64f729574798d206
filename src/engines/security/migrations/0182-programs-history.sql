-- What programs might do, and which of their keys worked, on any day: written by triggers like the history of people's rights.
alter table identity.service_account add column changed_at timestamptz;
alter table identity.api_key add column changed_at timestamptz;

create table identity.service_account_history (
  tenant_id uuid not null,
  account_id uuid not null,
  seq bigint generated always as identity,
  recorded_at timestamptz not null,
  permissions text[] not null,
  scope_customers uuid[],
  scope_products uuid[],
  amount_limits jsonb not null,
  disabled boolean not null,
  -- What stood when this history began: how long it had stood so is not known.
  seeded boolean not null default false,
  primary key (tenant_id, account_id, seq),
  foreign key (tenant_id, account_id) references identity.service_account
);
create index service_account_history_at on identity.service_account_history (tenant_id, account_id, recorded_at desc, seq desc);
call platform.protect_tenant_table('identity.service_account_history', 'select, insert');
call platform.admit_system('identity.service_account_history', 'select, insert');

create table identity.api_key_history (
  tenant_id uuid not null,
  key_id uuid not null,
  seq bigint generated always as identity,
  recorded_at timestamptz not null,
  expires_at timestamptz not null,
  revoked boolean not null,
  quarantined boolean not null,
  primary key (tenant_id, key_id, seq),
  foreign key (tenant_id, key_id) references identity.api_key
);
create index api_key_history_at on identity.api_key_history (tenant_id, key_id, recorded_at desc, seq desc);
call platform.protect_tenant_table('identity.api_key_history', 'select, insert');
call platform.admit_system('identity.api_key_history', 'select, insert');

create function identity.keep_service_account() returns trigger language plpgsql as $$
begin
  if current_setting('tradeai.restoring', true) = 'on' then return null; end if;
  insert into identity.service_account_history (tenant_id, account_id, recorded_at, permissions, scope_customers,
    scope_products, amount_limits, disabled)
  values (new.tenant_id, new.id,
    case when tg_op = 'INSERT' then new.created_at
      when new.changed_at is distinct from old.changed_at then new.changed_at else clock_timestamp() end,
    new.permissions, new.scope_customers, new.scope_products, new.amount_limits, new.disabled_at is not null);
  return null;
end $$;
create function identity.keep_api_key() returns trigger language plpgsql as $$
begin
  if current_setting('tradeai.restoring', true) = 'on' then return null; end if;
  insert into identity.api_key_history (tenant_id, key_id, recorded_at, expires_at, revoked, quarantined)
  values (new.tenant_id, new.id,
    case when tg_op = 'INSERT' then new.created_at
      when new.changed_at is distinct from old.changed_at then new.changed_at else clock_timestamp() end,
    new.expires_at, new.revoked_at is not null, new.quarantined_at is not null);
  return null;
end $$;

insert into identity.service_account_history (tenant_id, account_id, recorded_at, permissions, scope_customers, scope_products,
  amount_limits, disabled, seeded)
  select tenant_id, id, created_at, permissions, scope_customers, scope_products, amount_limits, disabled_at is not null, true
  from identity.service_account;
-- A key that was set aside or revoked worked before: when that was stands in it.
insert into identity.api_key_history (tenant_id, key_id, recorded_at, expires_at, revoked, quarantined)
  select tenant_id, id, created_at, expires_at, false, false from identity.api_key;
insert into identity.api_key_history (tenant_id, key_id, recorded_at, expires_at, revoked, quarantined)
  select tenant_id, id, quarantined_at, expires_at, false, true from identity.api_key where quarantined_at is not null;
insert into identity.api_key_history (tenant_id, key_id, recorded_at, expires_at, revoked, quarantined)
  select tenant_id, id, revoked_at, expires_at, true, quarantined_at is not null from identity.api_key
  where revoked_at is not null;

create trigger keep_service_account
  after insert or update of permissions, scope_customers, scope_products, amount_limits, disabled_at
  on identity.service_account for each row execute function identity.keep_service_account();
create trigger keep_api_key after insert or update of expires_at, revoked_at, quarantined_at
  on identity.api_key for each row execute function identity.keep_api_key();

-- Programs that call the API: a service account says who, its keys prove it. People may hold keys of their own, which
-- never permit more than the person.
create table identity.service_account (
  tenant_id uuid not null references identity.tenant,
  id uuid not null,
  name text not null,
  permissions text[] not null,
  created_by uuid not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call platform.protect_tenant_table('identity.service_account', 'select, insert, update');
call platform.admit_system('identity.service_account', 'select');

create table identity.api_key (
  tenant_id uuid not null,
  id uuid not null,
  service_account_id uuid,
  person_id uuid,
  name text not null,
  -- The first characters, by which people tell their keys apart.
  hint text collate "C" not null,
  token_hash bytea not null unique,
  permissions text[] not null,
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  -- Set aside after an alert: reversible.
  quarantined_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, service_account_id) references identity.service_account,
  foreign key (tenant_id, person_id) references identity.membership,
  check (num_nonnulls(service_account_id, person_id) = 1)
);
create index api_key_person on identity.api_key (tenant_id, person_id, created_at);
create index api_key_account on identity.api_key (tenant_id, service_account_id, created_at);
call platform.protect_tenant_table('identity.api_key', 'select, insert, update');
call platform.admit_system('identity.api_key', 'select, update');

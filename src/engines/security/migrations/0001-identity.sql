-- Who may sign in. People are global (an e-mail is unique across tenants), memberships are per tenant. Sign-in runs
-- before the tenant is known, so the system's role reaches every table here; the application's role sees its own
-- tenant's memberships, roles, sessions and invitations and the people behind them, and never a password.
create schema identity;
grant usage on schema identity to tradeai_app, tradeai_system;

create table identity.tenant (
  id uuid primary key,
  slug text collate "C" not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null,
  time_zone text not null,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null
);
alter table identity.tenant enable row level security;
alter table identity.tenant force row level security;
create policy own_tenant on identity.tenant to tradeai_app using (id = (select platform.current_tenant()));
grant select on identity.tenant to tradeai_app;
call platform.admit_system('identity.tenant', 'select, insert, update');

create table identity.person (
  id uuid primary key,
  email text collate "C" not null unique check (email = lower(email)),
  name text not null,
  disabled_at timestamptz,
  created_at timestamptz not null
);

-- One way to prove who one is; other kinds (one-time passwords, passkeys) get tables of their own.
create table identity.password (
  person_id uuid primary key references identity.person,
  -- PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash
  hash text not null,
  changed_at timestamptz not null
);
alter table identity.password enable row level security;
alter table identity.password force row level security;
call platform.admit_system('identity.password', 'select, insert, update, delete');

create table identity.membership (
  tenant_id uuid not null references identity.tenant,
  person_id uuid not null references identity.person,
  roles text[] not null,
  -- Null: unlimited. Counts only with the permission promotions:approve.
  approval_limit numeric(18, 3) default 0 check (approval_limit >= 0),
  approval_currency text collate "C" not null check (approval_currency ~ '^[A-Z]{3}$'),
  disabled_at timestamptz,
  created_at timestamptz not null,
  version integer not null default 1,
  primary key (tenant_id, person_id)
);
create index membership_person on identity.membership (person_id);
call platform.protect_tenant_table('identity.membership', 'select, update');
call platform.admit_system('identity.membership', 'select, insert, update');

alter table identity.person enable row level security;
alter table identity.person force row level security;
-- The sub-query is itself under the membership's policy: people of the running tenant only.
create policy people_of_tenant on identity.person to tradeai_app
  using (exists (select 1 from identity.membership where membership.person_id = person.id));
grant select on identity.person to tradeai_app;
call platform.admit_system('identity.person', 'select, insert, update');

-- Custom roles; the six predefined ones stand in the code.
create table identity.role (
  tenant_id uuid not null references identity.tenant,
  code text collate "C" not null,
  name text not null,
  permissions text[] not null,
  created_at timestamptz not null,
  version integer not null default 1,
  primary key (tenant_id, code)
);
call platform.protect_tenant_table('identity.role', 'select, insert, update');
call platform.admit_system('identity.role', 'select, insert, update');

-- A signed-in device. Its refresh token is a keyed MAC over id and generation: nothing here lets anyone forge one.
create table identity.session (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  generation integer not null default 1,
  rotated_at timestamptz not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text collate "C" check (end_reason in ('signed_out', 'token_reused', 'password_changed', 'disabled')),
  primary key (tenant_id, id),
  unique (id),
  foreign key (tenant_id, person_id) references identity.membership
);
create index session_person on identity.session (person_id) where ended_at is null;
create index session_age on identity.session (expires_at);
call platform.protect_tenant_table('identity.session', 'select, update');
call platform.admit_system('identity.session', 'select, insert, update, delete');

-- Links that work once: only the SHA-256 of the token is kept.
create table identity.one_time_link (
  id uuid primary key,
  token_hash bytea not null unique,
  kind text collate "C" not null check (kind in ('invitation', 'setup', 'reset')),
  -- Null for a reset: a password belongs to a person, not to a tenant.
  tenant_id uuid references identity.tenant,
  person_id uuid references identity.person,
  email text collate "C" not null check (email = lower(email)),
  name text,
  roles text[] not null default '{}',
  approval_limit numeric(18, 3) default 0 check (approval_limit >= 0),
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((kind = 'reset') = (tenant_id is null)),
  check ((kind = 'reset') = (person_id is not null))
);
create index one_time_link_tenant on identity.one_time_link (tenant_id, created_at);
create index one_time_link_age on identity.one_time_link (expires_at);
call platform.protect_tenant_table('identity.one_time_link', 'select, insert, delete');
call platform.admit_system('identity.one_time_link', 'select, insert, update, delete');

-- Failed attempts by account, address and both together; the keys are MACs, so that no address is kept in clear.
create table identity.login_attempt (
  key bytea primary key,
  failures integer not null,
  last_failed_at timestamptz,
  last_succeeded_at timestamptz,
  blocked_until timestamptz
);
create index login_attempt_age on identity.login_attempt (greatest(last_failed_at, last_succeeded_at));
alter table identity.login_attempt enable row level security;
alter table identity.login_attempt force row level security;
call platform.admit_system('identity.login_attempt', 'select, insert, update, delete');

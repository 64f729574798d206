-- Sign-in through a tenant's own OpenID provider, and people provisioned by SCIM.
create table identity.single_sign_on (
  tenant_id uuid not null references identity.tenant,
  id uuid not null,
  name text not null,
  issuer text collate "C" not null,
  client_id text not null,
  -- Sealed under the tenant's key.
  client_secret bytea not null,
  enabled boolean not null default true,
  -- Whether somebody new becomes a member at their first sign-in.
  joins boolean not null default false,
  -- Domains whose e-mails the provider may speak for; empty: any.
  email_domains text[] not null default '{}',
  role_claim text,
  -- Value of the claim → role.
  role_map json not null default '{}',
  created_at timestamptz not null,
  version integer not null default 1,
  primary key (tenant_id, id)
);
call platform.protect_tenant_table('identity.single_sign_on');
call platform.admit_system('identity.single_sign_on', 'select');

-- Whom a provider means by a subject: fixed at the first sign-in, whatever e-mail it says later.
create table identity.single_sign_on_person (
  tenant_id uuid not null,
  provider_id uuid not null,
  subject text collate "C" not null,
  person_id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, provider_id, subject),
  foreign key (tenant_id, provider_id) references identity.single_sign_on on delete cascade,
  foreign key (tenant_id, person_id) references identity.membership
);
call platform.protect_tenant_table('identity.single_sign_on_person', 'select, delete');
call platform.admit_system('identity.single_sign_on_person', 'select, insert');

create table identity.provisioned (
  tenant_id uuid not null,
  person_id uuid not null,
  external_id text,
  -- Deleted by the provisioning system: disabled here, and named in histories for ever.
  removed_at timestamptz,
  primary key (tenant_id, person_id),
  foreign key (tenant_id, person_id) references identity.membership
);
call platform.protect_tenant_table('identity.provisioned', 'select, insert, update');

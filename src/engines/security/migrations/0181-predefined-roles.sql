-- What the predefined roles permitted, and since when, as each tenant's releases had them: whoever held a role that a release
-- changed had other rights from then on.
create table identity.predefined_role_history (
  tenant_id uuid not null references identity.tenant,
  code text collate "C" not null,
  seq bigint generated always as identity,
  recorded_at timestamptz not null,
  permissions text[] not null,
  -- SHA-256, hex, of what all predefined roles permitted together.
  policy_hash text collate "C" not null,
  -- What stood when this history began: how long it had stood so is not known.
  seeded boolean not null default false,
  primary key (tenant_id, code, seq)
);
call platform.protect_tenant_table('identity.predefined_role_history', 'select, insert');
call platform.admit_system('identity.predefined_role_history', 'select, insert');

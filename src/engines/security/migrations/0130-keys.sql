-- The chain of keys: the key-encryption key (outside the database) wraps a key per tenant, which wraps a data key per
-- class. Nothing here opens anything without the key store. Keys of subjects are not here at all, so that an older copy
-- of this database holds nothing of an erased person's key.
create schema keys;
grant usage on schema keys to tradeai_app, tradeai_system;

-- Which key store belongs to this database: the folder's or the vault's name for it.
create table keys.store (
  id uuid primary key,
  created_at timestamptz not null
);
alter table keys.store enable row level security;
alter table keys.store force row level security;
call platform.admit_system('keys.store', 'select, insert');

-- The nil UUID stands for the house: people and sign-in belong to no one tenant.
create table keys.tenant_key (
  tenant_id uuid primary key,
  wrapped bytea not null,
  created_at timestamptz not null
);
call platform.protect_tenant_table('keys.tenant_key', 'select');
revoke select on keys.tenant_key from tradeai_app;
call platform.admit_system('keys.tenant_key', 'select, insert, update');

-- The highest version seals; the others open what they sealed.
create table keys.data_key (
  tenant_id uuid not null references keys.tenant_key,
  class text collate "C" not null,
  version integer not null check (version > 0),
  wrapped bytea not null,
  created_at timestamptz not null,
  -- When the last row of an earlier version was sealed anew under this one.
  settled_at timestamptz,
  primary key (tenant_id, class, version)
);
call platform.protect_tenant_table('keys.data_key', 'select');
revoke select on keys.data_key from tradeai_app;
call platform.admit_system('keys.data_key', 'select, insert, update');

-- Whose key was erased: an older copy of the key store that is brought back loses these keys again at the next start.
create table keys.erased_subject (
  subject_id uuid primary key,
  erased_at timestamptz not null
);
alter table keys.erased_subject enable row level security;
alter table keys.erased_subject force row level security;
call platform.admit_system('keys.erased_subject', 'select, insert');

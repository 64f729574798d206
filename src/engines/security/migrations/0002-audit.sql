-- Who changed what, when and why: written in the transaction of the change, never altered or deleted.
create schema audit;
grant usage on schema audit to tradeai_app, tradeai_system;

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
  primary key (tenant_id, id)
);
create index entry_at on audit.entry (tenant_id, at, id);
create index entry_entity on audit.entry (tenant_id, entity_type, entity_id, at);
create index entry_actor on audit.entry (tenant_id, actor_id, at);
call platform.protect_tenant_table('audit.entry', 'select, insert');
-- Accepting an invitation and signing in happen before a tenant's transaction can run.
call platform.admit_system('audit.entry', 'select, insert');

-- Messages from outside by the sender's own name for them: told twice, they do nothing twice.
create table workflow.message (
  tenant_id uuid not null,
  id uuid not null,
  message_id text collate "C" not null,
  -- What was told, so that a name used again for something else is seen.
  content_hash text collate "C" not null,
  at timestamptz not null,
  -- The instance that it reached, or began.
  instance_id uuid not null,
  began boolean not null,
  primary key (tenant_id, id),
  unique (tenant_id, message_id),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id)
);
create index message_instance on workflow.message (tenant_id, instance_id);
call platform.protect_tenant_table('workflow.message', 'select, insert');

-- Papers that whoever decides a task puts beside it; every later step of its instance sees them.
create table workflow.attachment (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  task_id uuid not null,
  file_name text not null,
  -- By what the file holds, whatever it is called.
  media_type text collate "C" not null,
  bytes integer not null check (bytes > 0),
  sha256 text collate "C" not null,
  attached_by uuid not null,
  attached_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, instance_id, sha256),
  foreign key (tenant_id, instance_id) references workflow.instance (tenant_id, id),
  foreign key (tenant_id, task_id) references workflow.task (tenant_id, id)
);
call platform.protect_tenant_table('workflow.attachment', 'select, insert');

create table workflow.attachment_chunk (
  tenant_id uuid not null,
  attachment_id uuid not null,
  position integer not null,
  bytes bytea not null,
  primary key (tenant_id, attachment_id, position),
  foreign key (tenant_id, attachment_id) references workflow.attachment (tenant_id, id)
);
call platform.protect_tenant_table('workflow.attachment_chunk', 'select, insert');

-- Whether whoever drafted a process or a decision may also publish it, where a tenant has said so.
create table workflow.publishing (
  tenant_id uuid primary key,
  rule text collate "C" not null check (rule in ('second', 'alone')),
  version integer not null default 1,
  changed_by uuid not null,
  changed_at timestamptz not null
);
call platform.protect_tenant_table('workflow.publishing', 'select, insert, update');

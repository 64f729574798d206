-- Processes by id, as routes, events and the audit name them, with the file that they came from and what of it is not executed.
alter table workflow.process
  add column id uuid not null,
  add column source text,
  add column unsupported jsonb not null default '[]',
  add unique (tenant_id, id);
create index process_made on workflow.process (tenant_id, made_at, id);

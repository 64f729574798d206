-- Business calendars as they stand; the audit trail has every version before. A tenant without a row of code 'default'
-- works by the one that the product has.
create table workflow.calendar (
  tenant_id uuid not null,
  id uuid not null,
  code text collate "C" not null,
  body jsonb not null,
  version integer not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, code)
);
call platform.protect_tenant_table('workflow.calendar', 'select, insert, update');

-- How a customer stands who went through onboarding; one without a row was always active, with no credit limit.
create table master_data.customer_standing (
  tenant_id uuid not null,
  customer_id uuid not null,
  state text collate "C" not null check (state in ('onboarding', 'active', 'refused', 'returned')),
  -- What was asked for, and what was granted when it ended.
  requested_limit numeric(24, 4) not null check (requested_limit >= 0),
  credit_limit numeric(24, 4) check (credit_limit >= 0),
  currency text collate "C" not null,
  conditions text not null default '',
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, customer_id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  check ((state = 'onboarding') = (decided_at is null))
);
call platform.protect_tenant_table('master_data.customer_standing', 'select, insert, update');

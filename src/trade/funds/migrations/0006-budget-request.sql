-- Money that somebody asks for a fund to have more of; it stands in the ledger once it is approved.
create table funds.budget_request (
  tenant_id uuid not null,
  id uuid not null,
  fund_id uuid not null,
  amount numeric(24, 4) not null check (amount > 0),
  currency text collate "C" not null,
  note text not null,
  state text collate "C" not null check (state in ('requested', 'approved', 'rejected', 'returned')),
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  comment text not null default '',
  primary key (tenant_id, id),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id),
  check ((state = 'requested') = (decided_at is null))
);
create index budget_request_fund on funds.budget_request (tenant_id, fund_id, id);
call platform.protect_tenant_table('funds.budget_request', 'select, insert, update');

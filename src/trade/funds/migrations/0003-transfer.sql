-- Money that is to go from one fund to another: held in the ledger from its proposal until somebody else decides.
create table funds.transfer (
  tenant_id uuid not null,
  id uuid not null,
  from_fund_id uuid not null,
  to_fund_id uuid not null,
  amount numeric(24, 4) not null check (amount > 0),
  currency text collate "C" not null,
  note text not null,
  state text collate "C" not null check (state in ('proposed', 'approved', 'rejected', 'returned')),
  proposed_by uuid not null,
  proposed_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  comment text not null default '',
  primary key (tenant_id, id),
  foreign key (tenant_id, from_fund_id) references funds.fund (tenant_id, id),
  foreign key (tenant_id, to_fund_id) references funds.fund (tenant_id, id),
  check (from_fund_id <> to_fund_id),
  check ((state = 'proposed') = (decided_at is null))
);
create index transfer_from on funds.transfer (tenant_id, from_fund_id, id);
create index transfer_to on funds.transfer (tenant_id, to_fund_id, id);
call platform.protect_tenant_table('funds.transfer', 'select, insert, update');

alter table funds.fund
  -- prior_period_accrual: the first days of the weeks whose shipments fill the fund, both inclusive.
  add column source_from date,
  add column source_to date,
  -- rolling: how many whole fiscal periods before the present one fill the fund.
  add column window_periods integer check (window_periods between 1 and 26),
  add check (source_from <= source_to);

-- What a fund gets per case, or in percent of list price, dated. Rows are only ever added: of those that have begun on a
-- day the one that begins last is in force, and of equals the one recorded last.
create table funds.rate (
  tenant_id uuid not null,
  id uuid not null,
  fund_id uuid not null,
  seq bigint generated always as identity,
  per text collate "C" not null check (per in ('case', 'percent')),
  amount numeric(18, 6) not null check (amount > 0),
  valid_from date not null,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);
create index rate_fund on funds.rate (tenant_id, fund_id, valid_from);
call platform.protect_tenant_table('funds.rate', 'select, insert');

-- What each week's shipments have put into a fund so far; restated weeks are made up for by the difference.
create table funds.accrued_week (
  tenant_id uuid not null,
  fund_id uuid not null,
  week_start date not null,
  cases numeric(18, 3) not null,
  per text collate "C" not null,
  rate numeric(18, 6) not null,
  amount numeric(24, 4) not null,
  accrued_at timestamptz not null,
  primary key (tenant_id, fund_id, week_start),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);
call platform.protect_tenant_table('funds.accrued_week', 'select, insert, update');

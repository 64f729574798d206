create schema funds;
grant usage on schema funds to tradeai_app, tradeai_system;

create table funds.fund (
  tenant_id uuid not null,
  id uuid not null,
  code text collate "C" not null,
  name text not null,
  kind text collate "C" not null check (kind in ('fixed', 'prior_period_accrual', 'live_accrual', 'rolling', 'vendor_funded')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  -- What the fund covers: a customer and everything below it, a product and everything below it; null covers all.
  customer_id uuid,
  product_id uuid,
  valid_from date not null,
  valid_to date not null,
  version integer not null default 1,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, code),
  check (valid_from <= valid_to)
);
call platform.protect_tenant_table('funds.fund', 'select, insert, update');

-- The fund ledger: append-only, and double-sided by construction, since each entry moves one positive amount from an
-- account of a fund to another account (of the same fund, or of another one in a transfer).
create table funds.entry (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('deposit', 'transfer', 'reserve', 'commit', 'release', 'earn', 'pay', 'adjust')),
  from_fund_id uuid not null,
  from_account text collate "C" not null check (from_account in ('outside', 'available', 'reserved', 'committed', 'earned', 'paid')),
  to_fund_id uuid not null,
  to_account text collate "C" not null check (to_account in ('outside', 'available', 'reserved', 'committed', 'earned', 'paid')),
  amount numeric(24, 4) not null check (amount > 0),
  currency text collate "C" not null,
  promotion_id uuid,
  tactic_id uuid,
  note text not null default '',
  actor_id uuid not null,
  occurred_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, from_fund_id) references funds.fund (tenant_id, id),
  foreign key (tenant_id, to_fund_id) references funds.fund (tenant_id, id)
);
create index entry_from on funds.entry (tenant_id, from_fund_id, id);
create index entry_to on funds.entry (tenant_id, to_fund_id, id);
create index entry_promotion on funds.entry (tenant_id, promotion_id) where promotion_id is not null;
call platform.protect_tenant_table('funds.entry', 'select, insert');

-- What each tactic holds of a fund, kept under the fund's lock beside the entries that explain it. `planned` is a
-- draft's wish and no movement of money.
create table funds.hold (
  tenant_id uuid not null,
  fund_id uuid not null,
  promotion_id uuid not null,
  tactic_id uuid not null,
  planned numeric(24, 4) not null default 0 check (planned >= 0),
  reserved numeric(24, 4) not null default 0 check (reserved >= 0),
  committed numeric(24, 4) not null default 0 check (committed >= 0),
  earned numeric(24, 4) not null default 0 check (earned >= 0),
  paid numeric(24, 4) not null default 0 check (paid >= 0),
  primary key (tenant_id, fund_id, promotion_id, tactic_id),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);
create index hold_promotion on funds.hold (tenant_id, promotion_id);
call platform.protect_tenant_table('funds.hold', 'select, insert, update, delete');

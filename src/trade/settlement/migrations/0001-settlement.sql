create schema settlement;
grant usage on schema settlement to tradeai_app, tradeai_system;

-- Fiscal periods whose books are kept here, copied from the fiscal calendar when they are first needed.
create table settlement.period (
  tenant_id uuid not null,
  id uuid not null,
  fiscal_year integer not null,
  period integer not null,
  starts_on date not null,
  ends_on date not null,
  state text collate "C" not null default 'open' check (state in ('open', 'soft_closed', 'closed')),
  -- The first of the two people that a reopening takes.
  reopen_asked_by uuid,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, fiscal_year, period),
  check (starts_on <= ends_on),
  check (reopen_asked_by is null or state = 'closed')
);
create index period_dates on settlement.period (tenant_id, starts_on);
call platform.protect_tenant_table('settlement.period', 'select, insert, update');

create table settlement.journal (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('accrual', 'release', 'settlement', 'write_off')),
  period_id uuid not null,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  total numeric(24, 4) not null check (total > 0),
  state text collate "C" not null default 'prepared' check (state in ('prepared', 'approved', 'posted', 'exported')),
  prepared_by uuid not null,
  prepared_at timestamptz not null,
  approved_by uuid,
  posted_by uuid,
  posted_at timestamptz,
  exported_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, period_id) references settlement.period (tenant_id, id),
  constraint maker_is_not_checker check (approved_by <> prepared_by),
  check ((state = 'prepared') = (approved_by is null)),
  check ((state in ('posted', 'exported')) = (posted_by is not null))
);
create index journal_period on settlement.journal (tenant_id, period_id, state);
create index journal_prepared on settlement.journal (tenant_id, prepared_at, id);
call platform.protect_tenant_table('settlement.journal', 'select, insert, update');

create table settlement.journal_line (
  tenant_id uuid not null,
  journal_id uuid not null,
  position integer not null,
  account text collate "C" not null check (account in ('promotional_allowances', 'accrued_trade_liability',
    'receivables', 'payables', 'deduction_expense')),
  side text collate "C" not null check (side in ('debit', 'credit')),
  amount numeric(24, 4) not null check (amount > 0),
  customer_id uuid not null,
  promotion_id uuid,
  tactic_id uuid,
  primary key (tenant_id, journal_id, position),
  foreign key (tenant_id, journal_id) references settlement.journal (tenant_id, id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id)
);
call platform.protect_tenant_table('settlement.journal_line', 'select, insert');

-- Σ Dr = Σ Cr = the journal's total: the lines of a journal come in one statement, and a second one finds them there.
create function settlement.require_balance() returns trigger language plpgsql as $$ begin
  if exists (
    select from (select distinct tenant_id, journal_id from added) touched
    join settlement.journal on journal.tenant_id = touched.tenant_id and journal.id = touched.journal_id
    join settlement.journal_line line on line.tenant_id = journal.tenant_id and line.journal_id = journal.id
    group by journal.tenant_id, journal.id, journal.total
    having coalesce(sum(line.amount) filter (where line.side = 'debit'), 0) <> journal.total
      or coalesce(sum(line.amount) filter (where line.side = 'credit'), 0) <> journal.total
  ) then raise exception 'a journal does not balance'; end if;
  return null;
end $$;
create trigger balance after insert on settlement.journal_line referencing new table as added
  for each statement execute function settlement.require_balance();

-- A closed period takes nothing, whoever asks.
create function settlement.require_open_period() returns trigger language plpgsql as $$ begin
  if exists (select from settlement.period where tenant_id = new.tenant_id and id = new.period_id and state = 'closed')
  then raise exception 'the period is closed'; end if;
  return new;
end $$;
create trigger open_period before insert on settlement.journal
  for each row execute function settlement.require_open_period();

-- What each tactic owes, kept under its row's lock beside the entries that explain it.
create table settlement.liability (
  tenant_id uuid not null,
  tactic_id uuid not null,
  promotion_id uuid not null,
  customer_id uuid not null,
  promotion_code text collate "C" not null,
  mechanic text collate "C" not null,
  starts_on date not null,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  claim_by_on date not null,
  earned numeric(24, 4) not null default 0,
  settled numeric(24, 4) not null default 0 check (settled >= 0),
  released numeric(24, 4) not null default 0 check (released >= 0),
  -- True once somebody paid more than was owed, and said so.
  beyond boolean not null default false,
  primary key (tenant_id, tactic_id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  constraint liability_is_not_negative check (beyond or earned - settled - released >= 0)
);
create index liability_promotion on settlement.liability (tenant_id, promotion_id);
call platform.protect_tenant_table('settlement.liability', 'select, insert, update');

-- The accrual sub-ledger: Σ earn − Σ settle − Σ release = open liability.
create table settlement.accrual_entry (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('earn', 'settle', 'release')),
  tactic_id uuid not null,
  period_id uuid not null,
  journal_id uuid not null,
  amount numeric(24, 4) not null check (amount <> 0 and (kind = 'earn' or amount > 0)),
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, tactic_id) references settlement.liability (tenant_id, tactic_id),
  foreign key (tenant_id, period_id) references settlement.period (tenant_id, id),
  foreign key (tenant_id, journal_id) references settlement.journal (tenant_id, id)
);
create index accrual_entry_tactic on settlement.accrual_entry (tenant_id, tactic_id, id);
create index accrual_entry_period on settlement.accrual_entry (tenant_id, period_id, id);
call platform.protect_tenant_table('settlement.accrual_entry', 'select, insert');

-- Deductions and claims.
create table settlement.item (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('deduction', 'claim')),
  customer_id uuid not null,
  -- The customer's own number.
  reference text collate "C" not null,
  parent_id uuid,
  split_at timestamptz,
  amount numeric(24, 4) not null check (amount > 0),
  -- Tax inside the amount, shown apart.
  tax numeric(24, 4) not null default 0 check (tax >= 0 and tax <= amount),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  taken_on date not null,
  dispute_by_on date not null,
  reason_code text collate "C",
  category text collate "C",
  note text not null default '',
  state text collate "C" not null default 'captured' check (state in ('captured', 'categorised', 'matched',
    'needs_research', 'valid', 'partially_valid', 'invalid', 'settled', 'disputed', 'recovered', 'written_off')),
  valid_amount numeric(24, 4) check (valid_amount between 0 and amount),
  settled numeric(24, 4) not null default 0 check (settled >= 0),
  recovered numeric(24, 4) not null default 0 check (recovered >= 0),
  written_off numeric(24, 4) not null default 0 check (written_off >= 0),
  captured_by uuid not null,
  captured_at timestamptz not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, parent_id) references settlement.item (tenant_id, id),
  constraint resolutions_within_amount check (settled + recovered + written_off <= amount),
  check (taken_on <= dispute_by_on)
);
create unique index item_reference on settlement.item (tenant_id, kind, customer_id, reference, taken_on)
  where parent_id is null;
create index item_parent on settlement.item (tenant_id, parent_id) where parent_id is not null;
create index item_state on settlement.item (tenant_id, kind, state);
call platform.protect_tenant_table('settlement.item', 'select, insert, update');

-- A split keeps sums: the parts come in one statement.
create function settlement.require_whole_split() returns trigger language plpgsql as $$ begin
  if exists (
    select from (select distinct tenant_id, parent_id from added where parent_id is not null) touched
    join settlement.item parent on parent.tenant_id = touched.tenant_id and parent.id = touched.parent_id
    join settlement.item part on part.tenant_id = parent.tenant_id and part.parent_id = parent.id
    group by parent.tenant_id, parent.id, parent.amount, parent.tax
    having sum(part.amount) <> parent.amount or sum(part.tax) <> parent.tax
  ) then raise exception 'the parts of a split do not sum to the whole'; end if;
  return null;
end $$;
create trigger whole_split after insert on settlement.item referencing new table as added
  for each statement execute function settlement.require_whole_split();

-- n:m: an item to the tactics that owe it.
create table settlement.match (
  tenant_id uuid not null,
  item_id uuid not null,
  tactic_id uuid not null,
  amount numeric(24, 4) not null check (amount > 0),
  matched_by uuid not null,
  matched_at timestamptz not null,
  primary key (tenant_id, item_id, tactic_id),
  foreign key (tenant_id, item_id) references settlement.item (tenant_id, id),
  foreign key (tenant_id, tactic_id) references settlement.liability (tenant_id, tactic_id)
);
create index match_tactic on settlement.match (tenant_id, tactic_id);
call platform.protect_tenant_table('settlement.match');

create table settlement.settlement (
  tenant_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  kind text collate "C" not null check (kind in ('credit_memo', 'check', 'offset', 'write_off', 'recovery')),
  amount numeric(24, 4) not null check (amount > 0),
  currency text collate "C" not null,
  -- A recovery comes in through the receivables: it has no journal here.
  journal_id uuid,
  note text not null default '',
  settled_by uuid not null,
  settled_at timestamptz not null,
  primary key (tenant_id, id),
  -- An item is settled once, recovered once and written off once.
  foreign key (tenant_id, item_id) references settlement.item (tenant_id, id),
  foreign key (tenant_id, journal_id) references settlement.journal (tenant_id, id),
  check ((kind = 'recovery') = (journal_id is null))
);
create unique index settlement_once on settlement.settlement (tenant_id, item_id,
  (case when kind in ('write_off', 'recovery') then kind else 'paid' end));
create index settlement_time on settlement.settlement (tenant_id, settled_at, id);
call platform.protect_tenant_table('settlement.settlement', 'select, insert');

-- Which accounts of the general ledger a movement goes to: a version holds from a day on until a later one does, and
-- none is ever changed. A line without a mechanic or customer serves all of them.
create table settlement.gl_mapping (
  tenant_id uuid not null,
  id uuid not null,
  number integer not null check (number > 0),
  valid_from date not null,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, number)
);
call platform.protect_tenant_table('settlement.gl_mapping', 'select, insert');

create table settlement.gl_mapping_line (
  tenant_id uuid not null,
  mapping_id uuid not null,
  position integer not null,
  movement text collate "C" not null check (movement in ('accrue', 'release', 'settle_receivables', 'settle_payables',
    'write_off', 'open')),
  mechanic text collate "C",
  -- A customer and everything below it.
  customer_id uuid,
  debit_account text collate "C" not null,
  credit_account text collate "C" not null,
  cost_centre text collate "C",
  primary key (tenant_id, mapping_id, position),
  unique nulls not distinct (tenant_id, mapping_id, movement, mechanic, customer_id),
  foreign key (tenant_id, mapping_id) references settlement.gl_mapping (tenant_id, id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id)
);
call platform.protect_tenant_table('settlement.gl_mapping_line', 'select, insert');

-- One preparation of a period's accruals, made of batches that each commit whole. One at a time: the heartbeat tells a
-- running one from one whose process died.
create table settlement.accrual_run (
  tenant_id uuid not null,
  id uuid not null,
  period_id uuid not null,
  state text collate "C" not null default 'running' check (state in ('running', 'finished', 'interrupted', 'cancelled')),
  started_by uuid not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  finished_at timestamptz,
  batches integer not null default 0,
  tactics integer not null default 0,
  movements integer not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, period_id) references settlement.period (tenant_id, id),
  check ((state = 'running') = (finished_at is null))
);
create unique index accrual_run_alone on settlement.accrual_run (tenant_id) where state = 'running';
create index accrual_run_period on settlement.accrual_run (tenant_id, period_id, started_at);
call platform.protect_tenant_table('settlement.accrual_run', 'select, insert, update');

-- A journal that a run fills batch by batch is `preparing`: its total grows with its lines. Opening balances come in by
-- journals of their own kind.
alter table settlement.journal drop constraint journal_kind_check,
  add constraint journal_kind_check check (kind in ('accrual', 'release', 'settlement', 'write_off', 'opening')),
  drop constraint journal_state_check,
  add constraint journal_state_check check (state in ('preparing', 'prepared', 'approved', 'posted', 'exported')),
  drop constraint journal_total_check,
  add constraint journal_total_check check (total > 0 or (total = 0 and state = 'preparing')),
  drop constraint journal_check,
  add constraint journal_check check ((state in ('preparing', 'prepared')) = (approved_by is null)),
  add column run_id uuid,
  -- The version of the mapping that named the accounts of its lines; 0: the one that comes with the house.
  add column gl_mapping integer,
  add foreign key (tenant_id, run_id) references settlement.accrual_run (tenant_id, id);
create index journal_run on settlement.journal (tenant_id, run_id) where run_id is not null;

-- Lines of before the mapping carry their neutral account only.
alter table settlement.journal_line drop constraint journal_line_account_check,
  add constraint journal_line_account_check check (account in ('promotional_allowances', 'accrued_trade_liability',
    'receivables', 'payables', 'deduction_expense', 'opening_balance')),
  add column gl_account text collate "C",
  add column cost_centre text collate "C";
create index journal_line_tactic on settlement.journal_line (tenant_id, tactic_id) where tactic_id is not null;

-- Lines that come together balance; and but for a journal that is still filled, they are all of its total.
create or replace function settlement.require_balance() returns trigger language plpgsql as $$ begin
  if exists (
    select from added group by tenant_id, journal_id
    having coalesce(sum(amount) filter (where side = 'debit'), 0) <> coalesce(sum(amount) filter (where side = 'credit'), 0)
  ) or exists (
    select from (select distinct tenant_id, journal_id from added) touched
    join settlement.journal on journal.tenant_id = touched.tenant_id and journal.id = touched.journal_id
    join settlement.journal_line line on line.tenant_id = journal.tenant_id and line.journal_id = journal.id
    where journal.state <> 'preparing'
    group by journal.tenant_id, journal.id, journal.total
    having coalesce(sum(line.amount) filter (where line.side = 'debit'), 0) <> journal.total
      or coalesce(sum(line.amount) filter (where line.side = 'credit'), 0) <> journal.total
  ) then raise exception 'a journal does not balance'; end if;
  return null;
end $$;

-- Filled: from now on its lines are all of its total.
create function settlement.require_filled() returns trigger language plpgsql as $$ begin
  if (select coalesce(sum(amount) filter (where side = 'debit'), 0) <> new.total
      or coalesce(sum(amount) filter (where side = 'credit'), 0) <> new.total
    from settlement.journal_line where tenant_id = new.tenant_id and journal_id = new.id)
  then raise exception 'a journal does not balance'; end if;
  return new;
end $$;
create trigger filled before update on settlement.journal
  for each row when (old.state = 'preparing' and new.state <> 'preparing')
  execute function settlement.require_filled();

-- Who pays for a tactic, so that what it earns and pays reaches the funds; how much of earned rests on a forecast.
alter table settlement.liability add column fund_split jsonb not null default '[]',
  add column forecast numeric(24, 4) not null default 0;
create index liability_due on settlement.liability (tenant_id, claim_by_on)
  where earned - settled - released > 0;
create index liability_customer on settlement.liability (tenant_id, customer_id);
create index accrual_entry_journal on settlement.accrual_entry (tenant_id, journal_id);
-- Of what is earned to date, so much rested on a forecast after this entry.
alter table settlement.accrual_entry add column forecast numeric(24, 4) not null default 0;

-- A check of the closing that was set aside with a reason.
create table settlement.close_waiver (
  tenant_id uuid not null,
  id uuid not null,
  period_id uuid not null,
  check_key text collate "C" not null,
  found text not null,
  reason text not null,
  waived_by uuid not null,
  waived_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, period_id) references settlement.period (tenant_id, id)
);
create index close_waiver_period on settlement.close_waiver (tenant_id, period_id);
call platform.protect_tenant_table('settlement.close_waiver', 'select, insert');

-- What stood when the books were taken over from another system, once per tactic.
create table settlement.opening_balance (
  tenant_id uuid not null,
  tactic_id uuid not null,
  committed numeric(24, 4) not null check (committed >= 0),
  earned numeric(24, 4) not null check (earned >= 0),
  settled numeric(24, 4) not null check (settled >= 0),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  journal_id uuid,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, tactic_id),
  check (settled <= earned),
  foreign key (tenant_id, journal_id) references settlement.journal (tenant_id, id)
);
call platform.protect_tenant_table('settlement.opening_balance', 'select, insert');

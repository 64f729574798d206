-- Which account and brand a hold's money is for: the promotion's customer, and the nearest product above the tactic's.
alter table funds.hold
  add column customer_id uuid,
  add column product_id uuid,
  add foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  add foreign key (tenant_id, product_id) references master_data.product (tenant_id, id);

-- `on_date` is the business date that a movement belongs to, `period_start` the first day of the fiscal period around it
-- as the calendar stood then (of the month, where no calendar covered it). Wishes of drafts are entries of the kind
-- `plan` on the account `planned`: they move no money, and have a past like everything else.
alter table funds.entry
  drop constraint entry_kind_check,
  drop constraint entry_from_account_check,
  drop constraint entry_to_account_check,
  add check (kind in ('deposit', 'transfer', 'reserve', 'commit', 'release', 'earn', 'pay', 'adjust', 'plan')),
  add check (from_account in ('outside', 'planned', 'available', 'reserved', 'committed', 'earned', 'paid')),
  add check (to_account in ('outside', 'planned', 'available', 'reserved', 'committed', 'earned', 'paid')),
  add column customer_id uuid,
  add column product_id uuid,
  add column transfer_id uuid,
  add column on_date date,
  add column period_start date,
  -- The amount in ten-thousandths of a major unit: no currency has more than four digits.
  add column scaled bigint generated always as ((amount * 10000)::bigint) stored,
  add foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  add foreign key (tenant_id, product_id) references master_data.product (tenant_id, id);
update funds.entry set on_date = (occurred_at at time zone 'UTC')::date,
  period_start = date_trunc('month', occurred_at at time zone 'UTC')::date;
insert into funds.entry (tenant_id, id, kind, from_fund_id, from_account, to_fund_id, to_account, amount, currency,
    promotion_id, tactic_id, note, actor_id, occurred_at, on_date, period_start)
  select hold.tenant_id, gen_random_uuid(), 'plan', fund_id, 'outside', fund_id, 'planned', planned, fund.currency,
    promotion_id, tactic_id, '', '00000000-0000-0000-0000-000000000000', now(), (now() at time zone 'UTC')::date,
    date_trunc('month', now() at time zone 'UTC')::date
  from funds.hold join funds.fund on fund.tenant_id = hold.tenant_id and fund.id = hold.fund_id where planned > 0;
alter table funds.entry
  alter column on_date set not null,
  alter column period_start set not null;
drop index funds.entry_from;
drop index funds.entry_to;
create index entry_from on funds.entry (tenant_id, from_fund_id, occurred_at, id);
create index entry_to on funds.entry (tenant_id, to_fund_id, occurred_at, id);
create index entry_recorded on funds.entry (tenant_id, occurred_at);

-- What each entry does to the checkbook of each fund that it touches, in ten-thousandths of a major unit: the one place
-- that says which movements make up a column. `month` is that of the recording, in UTC.
create view funds.movement with (security_invoker = true) as
select entry.tenant_id, entry.id as entry_id, side.fund_id, entry.from_fund_id, entry.to_fund_id,
  coalesce(entry.customer_id, '00000000-0000-0000-0000-000000000000') as customer_id,
  coalesce(entry.product_id, '00000000-0000-0000-0000-000000000000') as product_id,
  entry.period_start, date_trunc('month', entry.occurred_at at time zone 'UTC')::date as month, entry.occurred_at,
  case when side.account = 'available' and kind in ('deposit', 'transfer', 'adjust') then side.amount else 0 end as budgeted,
  case when side.account = 'planned' then side.amount else 0 end as planned,
  case when side.account = 'reserved' then side.amount else 0 end as reserved,
  case when side.account = 'committed' and kind in ('commit', 'release') then side.amount else 0 end as committed,
  case when side.account = 'earned' and kind = 'earn' then side.amount else 0 end as earned,
  case when side.account = 'paid' then side.amount else 0 end as paid,
  case when side.account = 'available' then side.amount else 0 end as available
from funds.entry cross join lateral (values
  (entry.to_fund_id, entry.to_account, entry.scaled),
  (entry.from_fund_id, entry.from_account, -entry.scaled)) side (fund_id, account, amount)
where side.account <> 'outside';
grant select on funds.movement to tradeai_app;

-- Sums of funds.movement, kept in the transaction that writes the entries: all of it per fund, customer and product; and
-- the same by fiscal period and month of recording, of which any past instant is made with the entries of one month.
-- Money that is for no customer or product in particular stands under the nil UUID.
create table funds.balance (
  tenant_id uuid not null,
  fund_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  budgeted bigint not null,
  planned bigint not null,
  reserved bigint not null,
  committed bigint not null,
  earned bigint not null,
  paid bigint not null,
  available bigint not null,
  primary key (tenant_id, fund_id, customer_id, product_id),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);
call platform.protect_tenant_table('funds.balance', 'select, insert, update');

create table funds.monthly_balance (
  tenant_id uuid not null,
  fund_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  month date not null,
  budgeted bigint not null,
  planned bigint not null,
  reserved bigint not null,
  committed bigint not null,
  earned bigint not null,
  paid bigint not null,
  available bigint not null,
  primary key (tenant_id, fund_id, customer_id, product_id, period_start, month),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);
create index monthly_balance_month on funds.monthly_balance (tenant_id, month);
create index monthly_balance_period on funds.monthly_balance (tenant_id, period_start);
call platform.protect_tenant_table('funds.monthly_balance', 'select, insert, update');

insert into funds.balance
  select tenant_id, fund_id, customer_id, product_id, sum(budgeted), sum(planned), sum(reserved), sum(committed),
    sum(earned), sum(paid), sum(available)
  from funds.movement group by tenant_id, fund_id, customer_id, product_id;
insert into funds.monthly_balance
  select tenant_id, fund_id, customer_id, product_id, period_start, month, sum(budgeted), sum(planned), sum(reserved),
    sum(committed), sum(earned), sum(paid), sum(available)
  from funds.movement group by tenant_id, fund_id, customer_id, product_id, period_start, month;

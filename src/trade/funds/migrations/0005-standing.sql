-- The same as before, as two halves: the database then finds the movements of a fund, a month or an account by index, and
-- sums all of them in half the time.
create or replace view funds.movement with (security_invoker = true) as
select tenant_id, id as entry_id, fund_id, from_fund_id, to_fund_id,
  coalesce(customer_id, '00000000-0000-0000-0000-000000000000') as customer_id,
  coalesce(product_id, '00000000-0000-0000-0000-000000000000') as product_id,
  period_start, date_trunc('month', occurred_at at time zone 'UTC')::date as month, occurred_at,
  case when account = 'available' and kind in ('deposit', 'transfer', 'adjust') then moved else 0 end as budgeted,
  case when account = 'planned' then moved else 0 end as planned,
  case when account = 'reserved' then moved else 0 end as reserved,
  case when account = 'committed' and kind in ('commit', 'release') then moved else 0 end as committed,
  case when account = 'earned' and kind = 'earn' then moved else 0 end as earned,
  case when account = 'paid' then moved else 0 end as paid,
  case when account = 'available' then moved else 0 end as available
from (select entry.*, to_fund_id as fund_id, to_account as account, scaled as moved from funds.entry
  union all select entry.*, from_fund_id, from_account, -scaled from funds.entry) side
where account <> 'outside';

-- Where each fund stood, and each account, brand and fiscal period in it, at the end of every week of recording in which
-- its money moved: sums of funds.movement from the beginning on, kept in the transaction that writes the entries, of every
-- key that the fund has ever had. The last week is the present; a past instant is the last week before its own and the
-- entries of its own week.
create table funds.standing (
  tenant_id uuid not null,
  fund_id uuid not null,
  -- The Monday it begins with, in UTC.
  week date not null,
  dimension text collate "C" not null check (dimension in ('fund', 'customer', 'product', 'period')),
  -- Id of the fund, customer or product, or the first day of the period (YYYY-MM-DD).
  key text collate "C" not null,
  budgeted bigint not null,
  planned bigint not null,
  reserved bigint not null,
  committed bigint not null,
  earned bigint not null,
  paid bigint not null,
  available bigint not null,
  primary key (tenant_id, fund_id, week, dimension, key),
  foreign key (tenant_id, fund_id) references funds.fund (tenant_id, id)
);

-- Every movement once for each of the four things that its money is summed by.
create view funds.dimension_movement with (security_invoker = true) as
select movement.*, date_trunc('week', occurred_at at time zone 'UTC')::date as week, kind.dimension, kind.key
from funds.movement cross join lateral (values ('fund', fund_id::text), ('customer', customer_id::text),
  ('product', product_id::text), ('period', to_char(period_start, 'YYYY-MM-DD'))) kind (dimension, key);
grant select on funds.dimension_movement to tradeai_app;

-- What the entries say: for every week of a fund the running sums of all its keys. It reads all entries.
create view funds.standing_of_entries with (security_invoker = true) as
with moved as (select tenant_id, fund_id, week, dimension, key, sum(budgeted) as budgeted, sum(planned) as planned,
    sum(reserved) as reserved, sum(committed) as committed, sum(earned) as earned, sum(paid) as paid,
    sum(available) as available
  from funds.dimension_movement group by tenant_id, fund_id, week, dimension, key),
weeks as (select tenant_id, fund_id, week from moved where dimension = 'fund'),
running as (select tenant_id, fund_id, dimension, key, week, lead(week, 1, 'infinity') over earlier as next,
    sum(budgeted) over earlier as budgeted, sum(planned) over earlier as planned, sum(reserved) over earlier as reserved,
    sum(committed) over earlier as committed, sum(earned) over earlier as earned, sum(paid) over earlier as paid,
    sum(available) over earlier as available
  from moved window earlier as (partition by tenant_id, fund_id, dimension, key order by week))
select tenant_id, fund_id, weeks.week, dimension, key, budgeted, planned, reserved, committed, earned, paid, available
from running join weeks using (tenant_id, fund_id)
where weeks.week >= running.week and weeks.week < running.next;

insert into funds.standing select * from funds.standing_of_entries;
call platform.protect_tenant_table('funds.standing', 'select, insert, update');

-- Questions of two dimensions at once are answered from the months of one account.
drop index funds.monthly_balance_month;
create index monthly_balance_customer on funds.monthly_balance (tenant_id, customer_id);

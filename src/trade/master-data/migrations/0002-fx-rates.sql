-- Exchange rates: one unit of from_currency is `rate` units of to_currency, by a named type (plan, closing, …), from a day
-- on until a later one. Rows are only ever added: of one day the one recorded last (seq) is in force.
create table master_data.fx_rate (
  tenant_id uuid not null,
  id uuid not null,
  seq bigint generated always as identity,
  type text collate "C" not null,
  from_currency text collate "C" not null,
  to_currency text collate "C" not null check (to_currency <> from_currency),
  valid_on date not null,
  rate numeric(24, 10) not null check (rate > 0),
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id)
);
create index fx_rate_in_force
  on master_data.fx_rate (tenant_id, type, from_currency, to_currency, valid_on desc, seq desc);
call platform.protect_tenant_table('master_data.fx_rate', 'select, insert');

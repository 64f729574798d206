create schema promotions;
grant usage on schema promotions to tradeai_app, tradeai_system;

create table promotions.code_counter (
  tenant_id uuid primary key,
  last integer not null
);
call platform.protect_tenant_table('promotions.code_counter');

create table promotions.promotion (
  tenant_id uuid not null,
  id uuid not null,
  code text collate "C" not null,
  name text not null,
  customer_id uuid not null,
  state text collate "C" not null check (state in ('draft', 'submitted', 'approved', 'active', 'ended', 'in_settlement',
    'closed', 'rejected', 'on_hold', 'cancelled')),
  -- Where a promotion on hold goes back to.
  held_from text collate "C",
  version integer not null default 1,
  starts_on date not null,
  ends_on date not null,
  ship_starts_on date not null,
  ship_ends_on date not null,
  claim_by_on date not null,
  currency text collate "C" not null,
  -- Everyone who made or changed what is to be approved: none of them may approve it.
  makers uuid[] not null,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  submitted_by uuid,
  submitted_at timestamptz,
  planned_spend numeric(24, 4),
  net_profit numeric(24, 4),
  net_roi numeric(18, 4),
  -- The plan that was submitted, with its model and formula versions: what was believed when it was approved.
  submitted_plan jsonb,
  primary key (tenant_id, id),
  unique (tenant_id, code),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  check (starts_on <= ends_on),
  check (ship_starts_on <= ship_ends_on)
);
create index promotion_dates on promotions.promotion (tenant_id, starts_on, ends_on);
create index promotion_customer on promotions.promotion (tenant_id, customer_id, starts_on);
create index promotion_state on promotions.promotion (tenant_id, state, starts_on);
call platform.protect_tenant_table('promotions.promotion', 'select, insert, update');

create table promotions.tactic (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  position integer not null,
  mechanic text collate "C" not null,
  product_ids uuid[] not null,
  rate_amount numeric(18, 6),
  rate_currency text collate "C",
  rate_per text collate "C" check (rate_per in ('case', 'unit', 'percent')),
  lump_sum numeric(24, 4),
  pass_through numeric(9, 6) not null check (pass_through between 0 and 1),
  fund_split jsonb not null,
  primary key (tenant_id, id),
  unique (tenant_id, promotion_id, position),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
call platform.protect_tenant_table('promotions.tactic');

-- The products of a promotion at SKU level, as the tree stood when it was saved: conflicts are found here.
create table promotions.scope_product (
  tenant_id uuid not null,
  promotion_id uuid not null,
  product_id uuid not null,
  primary key (tenant_id, product_id, promotion_id),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
create index scope_promotion on promotions.scope_product (tenant_id, promotion_id);
call platform.protect_tenant_table('promotions.scope_product');

-- Every version that was ever saved; what was approved stays readable.
create table promotions.version (
  tenant_id uuid not null,
  promotion_id uuid not null,
  version integer not null,
  state text collate "C" not null,
  body jsonb not null,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, promotion_id, version),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
call platform.protect_tenant_table('promotions.version', 'select, insert');

-- What happened to a promotion, in the words of the people: its page reads it from top to bottom.
create table promotions.history (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  action text collate "C" not null,
  detail text not null,
  actor_id uuid not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
create index history_promotion on promotions.history (tenant_id, promotion_id, id);
call platform.protect_tenant_table('promotions.history', 'select, insert');

create schema performance;
grant usage on schema performance to tradeai_app, tradeai_system;

-- What a customer sold of a product in the period that starts on a day (a week as a rule), in consumer units. Revenue
-- and prices are in the currency of the customer at the time; null price: the source has none.
create table performance.sales (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  units numeric(16, 3) not null check (units >= 0),
  revenue numeric(18, 3) not null,
  price numeric(18, 6),
  base_price numeric(18, 6),
  feature boolean not null,
  display boolean not null,
  price_reduction boolean not null,
  currency text collate "C" not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, product_id) references master_data.product (tenant_id, id)
);
create index sales_product on performance.sales (tenant_id, product_id, period_start);
call platform.protect_tenant_table('performance.sales', 'select, insert, update');

-- What stood in performance.sales before a week was restated.
create table performance.sales_revision (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  seq bigint generated always as identity,
  units numeric(16, 3) not null,
  revenue numeric(18, 3) not null,
  price numeric(18, 6),
  base_price numeric(18, 6),
  feature boolean not null,
  display boolean not null,
  price_reduction boolean not null,
  currency text collate "C" not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start, seq)
);
call platform.protect_tenant_table('performance.sales_revision', 'select, insert');

-- What we shipped to a customer of a product in the period that starts on a day, in cases.
create table performance.shipment (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  cases numeric(16, 3) not null,
  revenue numeric(18, 3) not null,
  currency text collate "C" not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, product_id) references master_data.product (tenant_id, id)
);
call platform.protect_tenant_table('performance.shipment', 'select, insert, update');

-- What stood in performance.shipment before a week was restated.
create table performance.shipment_revision (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  seq bigint generated always as identity,
  cases numeric(16, 3) not null,
  revenue numeric(18, 3) not null,
  currency text collate "C" not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start, seq)
);
call platform.protect_tenant_table('performance.shipment_revision', 'select, insert');

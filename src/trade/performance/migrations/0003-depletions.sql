-- What a distributor (a customer of ours) sold on of a product in the period that starts on a day, in cases.
create table performance.depletion (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  cases numeric(16, 3) not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, product_id) references master_data.product (tenant_id, id)
);
create index depletion_product on performance.depletion (tenant_id, product_id, period_start);
call platform.protect_tenant_table('performance.depletion', 'select, insert, update');

-- What stood in performance.depletion before a week was restated.
create table performance.depletion_revision (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  period_start date not null,
  seq bigint generated always as identity,
  cases numeric(16, 3) not null,
  source text collate "C" not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz not null,
  primary key (tenant_id, customer_id, product_id, period_start, seq)
);
call platform.protect_tenant_table('performance.depletion_revision', 'select, insert');

-- How far shipments of a product have arrived is asked by product and week.
create index shipment_product on performance.shipment (tenant_id, product_id, period_start);

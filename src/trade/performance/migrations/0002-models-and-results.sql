-- A fitted model, or one that is being fitted. The artifact is what predictions are made with: gzipped JSON.
create table performance.model_version (
  tenant_id uuid not null,
  id uuid not null,
  kind text collate "C" not null check (kind in ('promotion-response')),
  number integer not null check (number > 0),
  status text collate "C" not null check (status in ('fitting', 'fitted', 'failed')),
  -- The state of the sales that it was (or will be) fitted on: rows and the moment of the last recorded one.
  sales_rows bigint,
  sales_recorded_at timestamptz,
  trained_from date,
  trained_through date,
  metrics jsonb,
  parameters jsonb,
  -- Why it failed, for people.
  reason text,
  artifact bytea,
  requested_by uuid not null,
  requested_at timestamptz not null,
  fitted_at timestamptz,
  superseded_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, kind, number),
  check ((status = 'fitted') = (artifact is not null))
);
alter table performance.model_version alter column artifact set storage external;
create index model_version_in_force on performance.model_version (tenant_id, kind, number desc) where status = 'fitted';
call platform.protect_tenant_table('performance.model_version', 'select, insert, update');

-- What was predicted for a promotion, as it was shown when somebody relied on it. Never changed.
create table performance.prediction (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  -- Order of keeping: two may fall into one millisecond.
  seq bigint generated always as identity,
  model_version_id uuid not null,
  prediction jsonb not null,
  predicted_at timestamptz not null,
  predicted_by uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, model_version_id) references performance.model_version (tenant_id, id)
);
create index prediction_of_promotion on performance.prediction (tenant_id, promotion_id, seq desc);
call platform.protect_tenant_table('performance.prediction', 'select, insert');

-- What an ended promotion did. Never changed: a re-measurement is a new version beside the old one.
create table performance.post_event_result (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  version integer not null check (version > 0),
  state text collate "C" not null check (state in ('measured', 'refused')),
  formula_version text collate "C" not null,
  baseline_version text collate "C",
  -- The event as it was measured, and the sales it was measured on.
  event jsonb not null,
  result jsonb not null,
  measured_at timestamptz not null,
  measured_by uuid not null,
  primary key (tenant_id, id),
  unique (tenant_id, promotion_id, version)
);
call platform.protect_tenant_table('performance.post_event_result', 'select, insert');

-- Promotion history read off the flags: runs of weeks in which at least half of the stores below a customer carried the
-- same flags for a product. Derived, and derived anew whenever sales arrive.
create table performance.observed_event (
  tenant_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  weeks integer not null check (weeks > 0),
  feature boolean not null,
  display boolean not null,
  price_reduction boolean not null,
  -- Most stores that carried the flags in one week, of how many reported then.
  stores integer not null,
  stores_reporting integer not null,
  units numeric(18, 3) not null,
  -- Mean of (base price − price) / base price, weighted by units; null where prices are missing.
  depth numeric(9, 6),
  primary key (tenant_id, customer_id, product_id, starts_on),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, product_id) references master_data.product (tenant_id, id)
);
create index observed_event_product on performance.observed_event (tenant_id, product_id, starts_on);
call platform.protect_tenant_table('performance.observed_event', 'select, insert, delete');

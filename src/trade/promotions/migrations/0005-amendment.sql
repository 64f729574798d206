-- The business date from which a cancelled promotion, or one on hold, earns nothing more.
alter table promotions.promotion add column stopped_on date;

-- How far an amendment may go from what people last approved without their approval: the last version counts.
create table promotions.amendment_tolerance (
  tenant_id uuid not null,
  version integer not null check (version > 0),
  -- Share of the approved spend, up or down.
  spend_ratio numeric(9, 6) not null check (spend_ratio between 0 and 1),
  date_days integer not null check (date_days between 0 and 366),
  product_count integer not null check (product_count between 0 and 1000),
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, version)
);
call platform.protect_tenant_table('promotions.amendment_tolerance', 'select, insert');

-- New terms for a promotion that was approved. Until they are applied the old ones are in force.
create table promotions.amendment (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  number integer not null,
  state text collate "C" not null check (state in ('proposed', 'applied', 'rejected', 'returned', 'withdrawn')),
  reason text not null,
  -- The version that it amends, and the version that it became.
  base_version integer not null,
  applied_version integer,
  -- Version of the tolerance it was held against (0: the default), and what of it lay beyond; empty: applied at once.
  tolerance_version integer not null,
  beyond text[] not null,
  terms jsonb not null,
  changes jsonb not null,
  figures_before jsonb not null,
  figures_after jsonb not null,
  plan jsonb not null,
  -- What the model expected of the new terms; null where it refused.
  prediction jsonb,
  makers uuid[] not null,
  proposed_by uuid not null,
  proposed_at timestamptz not null,
  ended_by uuid,
  ended_at timestamptz,
  comment text not null default '',
  primary key (tenant_id, id),
  unique (tenant_id, promotion_id, number),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
create unique index amendment_open on promotions.amendment (tenant_id, promotion_id) where state = 'proposed';
call platform.protect_tenant_table('promotions.amendment', 'select, insert, update');

-- Every plan that was saved, submitted or amended with: what was believed at any past instant.
create table promotions.plan_record (
  tenant_id uuid not null,
  id uuid not null,
  promotion_id uuid not null,
  version integer not null,
  plan jsonb not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, promotion_id) references promotions.promotion (tenant_id, id)
);
create index plan_record_promotion on promotions.plan_record (tenant_id, promotion_id, recorded_at desc, id desc);
call platform.protect_tenant_table('promotions.plan_record', 'select, insert');
insert into promotions.plan_record (tenant_id, id, promotion_id, version, plan, recorded_at)
  select tenant_id, gen_random_uuid(), id, version, submitted_plan, submitted_at
  from promotions.promotion where submitted_plan is not null and submitted_at is not null;

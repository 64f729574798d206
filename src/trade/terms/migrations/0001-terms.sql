create schema terms;
grant usage on schema terms to tradeai_app, tradeai_system;

-- What was agreed with a customer (and everything below it) on a product (and everything below it; null: on all).
create table terms.agreement (
  tenant_id uuid not null,
  id uuid not null,
  code text collate "C" not null,
  customer_id uuid not null,
  product_id uuid,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  -- Counts every change, whatever became of it.
  version integer not null default 1,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, code),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  foreign key (tenant_id, product_id) references master_data.product (tenant_id, id)
);
create index agreement_customer on terms.agreement (tenant_id, customer_id);
call platform.protect_tenant_table('terms.agreement', 'select, insert, update');

-- A version holds on its dates (valid_*) and was believed from agreed_at until superseded_at.
create table terms.agreement_version (
  tenant_id uuid not null,
  id uuid not null,
  agreement_id uuid not null,
  number integer not null,
  name text not null,
  valid_from date not null,
  valid_to date,
  note text not null default '',
  made_by uuid not null,
  made_at timestamptz not null,
  agreed_by uuid,
  agreed_at timestamptz,
  superseded_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, agreement_id, number),
  foreign key (tenant_id, agreement_id) references terms.agreement (tenant_id, id),
  check (valid_to is null or valid_from <= valid_to),
  check ((agreed_by is null) = (agreed_at is null)),
  constraint maker_is_not_checker check (agreed_by <> made_by)
);
create unique index version_one_draft on terms.agreement_version (tenant_id, agreement_id)
  where agreed_at is null and superseded_at is null;
create unique index version_one_in_force on terms.agreement_version (tenant_id, agreement_id)
  where agreed_at is not null and superseded_at is null;
call platform.protect_tenant_table('terms.agreement_version', 'select, insert, update');

-- A version is never rewritten: it is agreed once and superseded once.
create function terms.keep_version() returns trigger language plpgsql as $$ begin
  if (old.agreed_at is not null and (new.agreed_at is distinct from old.agreed_at or new.agreed_by is distinct from old.agreed_by))
    or (old.superseded_at is not null)
    or (new.number, new.agreement_id, new.name, new.valid_from, new.note, new.made_by, new.made_at)
      is distinct from (old.number, old.agreement_id, old.name, old.valid_from, old.note, old.made_by, old.made_at)
    or new.valid_to is distinct from old.valid_to
  then raise exception 'a version of terms is never rewritten'; end if;
  return new;
end $$;
create trigger keep_version before update on terms.agreement_version
  for each row execute function terms.keep_version();

create table terms.line (
  tenant_id uuid not null,
  version_id uuid not null,
  -- Lines of one code replace each other: the one agreed nearest to the customer and product counts.
  code text collate "C" not null,
  position integer not null,
  kind text collate "C" not null check (kind in ('on_invoice', 'off_invoice', 'conditional', 'growth', 'volume_rebate')),
  basis text collate "C" not null check (basis in ('percent_of_list', 'percent_of_invoice', 'per_case', 'lump_sum')),
  rate numeric(20, 6) check (rate >= 0),
  -- [{"from": "1000", "rate": "1.5"}], rising.
  tiers jsonb,
  tier_method text collate "C" check (tier_method in ('retroactive', 'incremental')),
  tier_measure text collate "C" check (tier_measure in ('cases', 'money')),
  condition text,
  payment text collate "C" not null check (payment in ('on_invoice', 'quarterly', 'yearly')),
  primary key (tenant_id, version_id, code),
  foreign key (tenant_id, version_id) references terms.agreement_version (tenant_id, id),
  check ((rate is null) = (tiers is not null)),
  check ((tiers is null) = (tier_method is null) and (tiers is null) = (tier_measure is null)),
  check ((tiers is not null) = (kind in ('growth', 'volume_rebate'))),
  check ((kind = 'conditional') = (condition is not null))
);
call platform.protect_tenant_table('terms.line', 'select, insert');

-- Whether a condition was met in a fiscal period; the one recorded last counts.
create table terms.condition_result (
  tenant_id uuid not null,
  id uuid not null,
  agreement_id uuid not null,
  line_code text collate "C" not null,
  fiscal_year integer not null,
  period integer not null,
  starts_on date not null,
  ends_on date not null,
  met boolean not null,
  note text not null default '',
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  seq bigint generated always as identity,
  primary key (tenant_id, id),
  foreign key (tenant_id, agreement_id) references terms.agreement (tenant_id, id)
);
create index condition_result_line on terms.condition_result (tenant_id, agreement_id, line_code, seq);
call platform.protect_tenant_table('terms.condition_result', 'select, insert');

-- What a retailer's reason codes mean. Rows are only added: the latest recorded one of a day counts, and nearer customers
-- outweigh those above.
create table settlement.reason_code (
  tenant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  code text collate "C" not null check (code <> ''),
  -- A mechanic, or what is no trade spend: shortage, pricing, freight …
  category text collate "C" not null check (category <> ''),
  valid_from date not null,
  valid_to date,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id),
  check (valid_to is null or valid_from <= valid_to)
);
create index reason_code_lookup on settlement.reason_code (tenant_id, customer_id, code, valid_from);
call platform.protect_tenant_table('settlement.reason_code', 'select, insert');

-- A payment advice of a customer: its deducted lines are deductions here.
create table settlement.remittance (
  tenant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  reference text collate "C" not null,
  paid_on date not null,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  -- What was paid: Σ invoices − Σ deductions.
  total numeric(24, 4) not null,
  line_count integer not null check (line_count > 0),
  captured_by uuid not null,
  captured_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, customer_id, reference, paid_on),
  foreign key (tenant_id, customer_id) references master_data.customer (tenant_id, id)
);
call platform.protect_tenant_table('settlement.remittance', 'select, insert');

create table settlement.remittance_line (
  tenant_id uuid not null,
  remittance_id uuid not null,
  position integer not null,
  kind text collate "C" not null check (kind in ('invoice', 'deduction')),
  reference text collate "C" not null,
  -- Invoices are above zero, deductions below.
  amount numeric(24, 4) not null check ((kind = 'deduction') = (amount < 0)),
  item_id uuid,
  primary key (tenant_id, remittance_id, position),
  foreign key (tenant_id, remittance_id) references settlement.remittance (tenant_id, id),
  foreign key (tenant_id, item_id) references settlement.item (tenant_id, id),
  check ((kind = 'deduction') = (item_id is not null))
);
call platform.protect_tenant_table('settlement.remittance_line', 'select, insert');

alter table settlement.item
  -- Why people should look twice: [{"flag": "duplicate", "reason": "…", "itemId": "…"}].
  add column flags jsonb not null default '[]',
  -- Why it was found valid without proof of performance.
  add column proof_waived text;
create index item_amount on settlement.item (tenant_id, customer_id, amount) where parent_id is null;
create index liability_promotion_code on settlement.liability (tenant_id, promotion_code);

-- What matching said of an item last, with the evidence that a confirmed match teaches from.
create table settlement.suggestion (
  tenant_id uuid not null,
  item_id uuid not null,
  model_version integer not null,
  -- Probability of the first suggestion; null where none is made.
  confidence numeric(6, 5) check (confidence between 0 and 1),
  answer jsonb not null,
  made_at timestamptz not null,
  primary key (tenant_id, item_id),
  foreign key (tenant_id, item_id) references settlement.item (tenant_id, id)
);
call platform.protect_tenant_table('settlement.suggestion', 'select, insert, update');

-- Weights fitted on matches that people confirmed; version 0 is built in and has no row.
create table settlement.match_model (
  tenant_id uuid not null,
  version integer not null check (version > 0),
  weights jsonb not null,
  learned_from integer not null,
  fitted_at timestamptz not null,
  primary key (tenant_id, version)
);
call platform.protect_tenant_table('settlement.match_model', 'select, insert');

-- The latest row counts. No row: nothing is settled without a person.
create table settlement.auto_settlement (
  tenant_id uuid not null,
  id uuid not null,
  -- The most that is settled without a person; null switches it off.
  limit_amount numeric(24, 4) check (limit_amount > 0),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  set_by uuid not null,
  set_at timestamptz not null,
  primary key (tenant_id, id)
);
call platform.protect_tenant_table('settlement.auto_settlement', 'select, insert');

-- What a person may write off, apart from what they may approve. The latest row counts.
create table settlement.write_off_limit (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  amount numeric(24, 4) not null check (amount >= 0),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  set_by uuid not null,
  set_at timestamptz not null,
  primary key (tenant_id, id)
);
create index write_off_limit_person on settlement.write_off_limit (tenant_id, person_id, set_at);
call platform.protect_tenant_table('settlement.write_off_limit', 'select, insert');

-- Proof of performance and other papers of an item.
create table settlement.attachment (
  tenant_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  purpose text collate "C" not null check (purpose in ('proof_of_performance', 'scan_proof', 'invoice', 'other')),
  file_name text not null,
  -- By what the file holds, whatever it is called.
  media_type text collate "C" not null,
  bytes integer not null check (bytes > 0),
  sha256 text collate "C" not null,
  attached_by uuid not null,
  attached_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, item_id, sha256),
  foreign key (tenant_id, item_id) references settlement.item (tenant_id, id)
);
call platform.protect_tenant_table('settlement.attachment', 'select, insert');

create table settlement.attachment_chunk (
  tenant_id uuid not null,
  attachment_id uuid not null,
  position integer not null,
  bytes bytea not null,
  primary key (tenant_id, attachment_id, position),
  foreign key (tenant_id, attachment_id) references settlement.attachment (tenant_id, id)
);
call platform.protect_tenant_table('settlement.attachment_chunk', 'select, insert');

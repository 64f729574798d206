-- What shows that controls work, and what was found where they do not.
create schema compliance;
grant usage on schema compliance to tradeai_app, tradeai_system;

create table compliance.evidence (
  tenant_id uuid not null,
  id uuid not null,
  control_code text collate "C" not null,
  at timestamptz not null,
  -- Unproved: the tests that would show it have not been run where this product runs.
  outcome text collate "C" not null check (outcome in ('holds', 'fails', 'unproved')),
  measured text not null,
  exceptions text[] not null,
  collected_by uuid not null,
  primary key (tenant_id, id)
);
create index evidence_of_control on compliance.evidence (tenant_id, control_code, at desc, id desc);
call platform.protect_tenant_table('compliance.evidence', 'select, insert');

create table compliance.finding (
  tenant_id uuid not null,
  id uuid not null,
  framework text collate "C" not null check (framework in ('SOX', 'GDPR', 'PCI_DSS', 'ASVS')),
  -- Null: found by a person, not by a control's evidence.
  control_code text collate "C",
  title text not null,
  detail text not null,
  severity text collate "C" not null check (severity in ('high', 'medium', 'low')),
  owner_id uuid,
  due_on date not null,
  opened_at timestamptz not null,
  opened_by uuid not null,
  closed_at timestamptz,
  closed_by uuid,
  resolution text,
  version integer not null default 1,
  primary key (tenant_id, id),
  check ((closed_at is null) = (resolution is null) and (closed_at is null) = (closed_by is null))
);
-- One open finding a framework and control, however often evidence fails.
create unique index finding_open_control on compliance.finding (tenant_id, framework, control_code)
  where closed_at is null and control_code is not null;
create index finding_due on compliance.finding (tenant_id, due_on, id) where closed_at is null;
call platform.protect_tenant_table('compliance.finding', 'select, insert, update');

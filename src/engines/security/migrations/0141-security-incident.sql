-- What detection found: one incident per attack, with what shows it, what was done about it and how people judged it.
create table security.incident (
  tenant_id uuid not null,
  id uuid not null,
  -- The rule that found it first; all that did stand in rules.
  rule text collate "C" not null,
  rules text[] not null,
  -- person:…, key:…, network:…, pair:…; the first is the one that remedies are for.
  about text[] not null,
  severity text collate "C" not null check (severity in ('low', 'medium', 'high', 'critical')),
  score numeric(8, 2) not null,
  reasons jsonb not null,
  state text collate "C" not null default 'open' check (state in ('open', 'acknowledged', 'closed')),
  verdict text collate "C" check (verdict in ('attack', 'expected', 'false_alarm')),
  note text,
  first_at timestamptz not null,
  last_at timestamptz not null,
  raised_at timestamptz not null,
  handled_by uuid,
  handled_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id),
  check ((state = 'closed') = (verdict is not null))
);
create index incident_last on security.incident (tenant_id, last_at desc, id);
create index incident_rule on security.incident (tenant_id, rule, raised_at);
call platform.protect_tenant_table('security.incident', 'select, insert, update');

-- Copied from the event: an incident outlives the 90 days of the log.
create table security.incident_evidence (
  tenant_id uuid not null,
  incident_id uuid not null,
  event_id uuid not null,
  at timestamptz not null,
  kind text collate "C" not null,
  outcome text collate "C" not null,
  person_id uuid,
  subject_id text collate "C",
  network text collate "C",
  device text collate "C",
  detail jsonb not null,
  primary key (tenant_id, incident_id, event_id),
  foreign key (tenant_id, incident_id) references security.incident
);
call platform.protect_tenant_table('security.incident_evidence', 'select, insert');

-- What was done about an incident, and what would have been done in a dry run or beyond a limit.
create table security.remedy (
  tenant_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  kind text collate "C" not null check (kind in ('end_sessions', 'step_up', 'lock', 'quarantine_key')),
  -- The person or the key.
  target text collate "C" not null,
  state text collate "C" not null check (state in ('taken', 'undone', 'dry_run', 'refused')),
  -- Null: taken by the rule.
  taken_by uuid,
  at timestamptz not null,
  undone_by uuid,
  undone_at timestamptz,
  -- Why it was refused.
  refusal text,
  primary key (tenant_id, id),
  foreign key (tenant_id, incident_id) references security.incident
);
create index remedy_incident on security.remedy (tenant_id, incident_id, at);
create index remedy_at on security.remedy (tenant_id, at);
call platform.protect_tenant_table('security.remedy', 'select, insert, update');

-- How a tenant has set a rule; without a row it is on, and its remedy is in a dry run.
create table security.rule_setting (
  tenant_id uuid not null,
  rule text collate "C" not null,
  enabled boolean not null,
  -- act: the rule's remedy is taken by itself; dry_run: it is only written down that it would have been.
  mode text collate "C" not null check (mode in ('act', 'dry_run')),
  version integer not null default 1,
  primary key (tenant_id, rule)
);
call platform.protect_tenant_table('security.rule_setting', 'select, insert, update');

-- Which process watches a tenant: what it remembers is in its memory, so it is one at a time.
create table security.watch (
  tenant_id uuid not null,
  holder uuid not null,
  held_until timestamptz not null,
  primary key (tenant_id)
);
call platform.protect_tenant_table('security.watch', 'select, insert, update');
-- The watching process takes up and removes what is new of its tenant.
grant delete on security.event_inbox to tradeai_app;

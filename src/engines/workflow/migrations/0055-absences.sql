-- When people are away and who stands in for them: in everything, or only in what concerns a part of the two trees.
create table workflow.absence (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  -- Null: nobody stands in; who else may take their tasks takes them.
  substitute_id uuid check (substitute_id <> person_id),
  -- Business dates, both inclusive, and the instants that they are in the tenant's time zone.
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  -- Customers and products that it is kept to; null: everything, and the person is away.
  scope jsonb,
  -- They came back before the last day, or never went.
  ended_at timestamptz,
  made_at timestamptz not null,
  made_by uuid not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  check (scope is null or substitute_id is not null)
);
create index absence_person on workflow.absence (tenant_id, person_id, ends_at) where ended_at is null;
create index absence_ends on workflow.absence (tenant_id, ends_at, id) where ended_at is null;
call platform.protect_tenant_table('workflow.absence', 'select, insert, update');

-- Who was taken out of an open task because of an absence, and who stands in; what stood before is put back when it ends.
create table workflow.cover (
  tenant_id uuid not null,
  task_id uuid not null,
  person_id uuid not null,
  absence_id uuid not null,
  substitute_id uuid,
  -- Who had passed the task on to the person who is away.
  given_by uuid,
  -- The substitute is a candidate only because of this, or only its row says for whom.
  lent boolean not null,
  marked boolean not null,
  -- The person who is away had claimed it.
  claimed boolean not null,
  primary key (tenant_id, task_id, person_id),
  foreign key (tenant_id, task_id) references workflow.task (tenant_id, id),
  foreign key (tenant_id, absence_id) references workflow.absence (tenant_id, id)
);
create index cover_person on workflow.cover (tenant_id, person_id, task_id);
create index cover_absence on workflow.cover (tenant_id, absence_id);
call platform.protect_tenant_table('workflow.cover', 'select, insert, delete');

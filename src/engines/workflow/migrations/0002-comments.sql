-- What people say about a thing; append-only: what was said stays said.
create table workflow.comment (
  tenant_id uuid not null,
  id uuid not null,
  -- Order of saying: two may fall into one millisecond.
  seq bigint generated always as identity,
  subject_type text collate "C" not null,
  subject_id uuid not null,
  text text not null check (text <> ''),
  author_id uuid not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
create index comment_subject on workflow.comment (tenant_id, subject_type, subject_id, seq);
call platform.protect_tenant_table('workflow.comment', 'select, insert');

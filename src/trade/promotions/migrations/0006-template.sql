-- Terms that are copied again and again; a retired one is kept for the copies that name it.
create table promotions.template (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  terms jsonb not null,
  source_promotion_id uuid not null,
  created_by uuid not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_promotion_id) references promotions.promotion (tenant_id, id)
);
create unique index template_name on promotions.template (tenant_id, lower(name) collate "C") where retired_at is null;
call platform.protect_tenant_table('promotions.template', 'select, insert, update');

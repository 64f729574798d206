-- Under which parent a customer or product stood from an instant on: rows are only ever added, by the store that changes
-- the trees. What moved before this table was there is known by its last place only.
create table master_data.tree_place (
  tenant_id uuid not null,
  id uuid not null,
  seq bigint generated always as identity,
  tree text collate "C" not null check (tree in ('customer', 'product')),
  node_id uuid not null,
  parent_id uuid,
  recorded_at timestamptz not null,
  primary key (tenant_id, id)
);
create index tree_place_node on master_data.tree_place (tenant_id, tree, node_id, recorded_at desc, seq desc);
call platform.protect_tenant_table('master_data.tree_place', 'select, insert');
insert into master_data.tree_place (tenant_id, id, tree, node_id, parent_id, recorded_at)
  select tenant_id, gen_random_uuid(), 'customer', id, parent_id, created_at from master_data.customer
  union all
  select tenant_id, gen_random_uuid(), 'product', id, parent_id, created_at from master_data.product;

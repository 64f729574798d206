-- migrate() forces row-level security at the end of each file: an owner that is neither a superuser nor may bypass it
-- has to see and fill the rows of all tenants while a migration runs.
create or replace procedure platform.protect_tenant_table(target regclass, privileges text default 'select, insert, update, delete')
language plpgsql as $$ begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy tenant_isolation on %s to tradeai_app
    using (tenant_id = (select platform.current_tenant())) with check (tenant_id = (select platform.current_tenant()))', target);
  execute format('grant %s on %s to tradeai_app', privileges, target);
end $$;

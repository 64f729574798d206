-- To whom somebody reports: processes ask "the manager of". Null: nobody.
alter table identity.membership add column manager_id uuid check (manager_id <> person_id),
  add foreign key (tenant_id, manager_id) references identity.membership (tenant_id, person_id);

-- Everybody who ever was to mend a finding: none of them closes it, also after handing it over.
alter table compliance.finding add column owned_by uuid[] not null default '{}';
update compliance.finding set owned_by = array[owner_id] where owner_id is not null;

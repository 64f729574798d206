-- Names and e-mails are sealed under a key of each person that lies outside the database; e-mails are found by a blind
-- index. Rows of before are sealed at the next start (SQL has no keys); from now on nothing comes in in clear.
alter table identity.person
  add column name_sealed bytea,
  add column email_sealed bytea,
  add column email_index bytea unique,
  add column erased_at timestamptz,
  alter column name drop not null,
  alter column email drop not null,
  add constraint person_sealed check (
    name is null and email is null
    and (erased_at is null) = (name_sealed is not null)
    and (erased_at is null) = (email_sealed is not null)
    and (erased_at is null) = (email_index is not null)
  ) not valid;

alter table identity.one_time_link
  add column name_sealed bytea,
  add column email_sealed bytea,
  add column email_index bytea,
  alter column email drop not null,
  add constraint one_time_link_sealed check (
    name is null and email is null and email_sealed is not null and email_index is not null
  ) not valid;
create index one_time_link_email on identity.one_time_link (email_index);

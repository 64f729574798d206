-- A timer that failed is tried again later, and given up in the end; an administrator sees why and lets it try anew.
alter table timer.timer
  add column if not exists retry_at timestamptz,
  add column if not exists failed_at timestamptz,
  add column if not exists error text;
update timer.timer set failed_at = now(), error = '' where attempts >= 10 and failed_at is null;

-- What fires next stands in front, however many wait behind it and whatever has failed.
drop index if exists timer.timer_due;
create index if not exists timer_next on timer.timer ((coalesce(retry_at, due_at))) where failed_at is null;
create index if not exists timer_failed on timer.timer (tenant_id, failed_at, id) where failed_at is not null;

-- The front of a queue is where rows die: cleaned by their number, not by a share of all that waits.
alter table timer.timer set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

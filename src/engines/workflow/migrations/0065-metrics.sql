-- When somebody first did something about a task: claimed it, was given it. Null: nobody did before it was decided.
alter table workflow.task add column taken_at timestamptz;
-- What ended in a period, by process.
create index instance_ended on workflow.instance (tenant_id, definition, ended_at) where ended_at is not null;

-- The clocks of a task whose time was stopped once: what it is due by and its escalations. Null: it runs as it was opened.
alter table workflow.task add column clock jsonb;

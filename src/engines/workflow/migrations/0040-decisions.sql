-- Decisions that administrators keep: versions like those of processes.
create table workflow.decision (like workflow.process including all);
call platform.protect_tenant_table('workflow.decision', 'select, insert, update');

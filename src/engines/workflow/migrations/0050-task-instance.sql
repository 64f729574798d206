-- Without the tenant in front: while the planner knows nothing of a table, it takes any index that begins with the tenant for the
-- look-up of a task by its key (one for each candidate that is inserted), and reads all tasks of the tenant.
drop index workflow.task_instance;
create index task_instance on workflow.task (instance_id);

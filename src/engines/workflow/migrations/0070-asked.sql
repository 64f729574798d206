-- Who asks that a version in force goes out of it, or that a retired one comes back: a second person says yes.
-- A draft is such a question itself.
alter table workflow.process add column asked_at timestamptz, add column asked_by uuid;
alter table workflow.decision add column asked_at timestamptz, add column asked_by uuid;

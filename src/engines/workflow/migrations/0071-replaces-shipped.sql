-- Whether a version came into force in the place of a process that shipped under its code, and was held to what that one's module gives.
alter table workflow.process add column replaces_shipped boolean not null default false;

-- Rounds are counted: what takes turns at a large tenant's rows has had all of them after a fixed number of rounds.
alter table invariant.round add column number bigint not null default 0;

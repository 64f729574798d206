-- The day that a journal posts on: of a settlement and a write-off its own, as far as its period has it. Null in journals
-- that are older: the last day of their period, as they were exported.
alter table settlement.journal add column posting_on date;

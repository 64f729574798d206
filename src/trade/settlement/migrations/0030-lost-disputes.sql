-- A dispute that was lost is reviewed anew and paid: what was settled before stays, and each round is settled once.
alter table settlement.item add column concessions integer not null default 0;
-- What of the match is paid. Null where it was paid before this was kept: in proportion to the matches.
alter table settlement.match add column settled numeric(24, 4) check (settled between 0 and amount);
alter table settlement.settlement add column round integer not null default 0;
drop index settlement.settlement_once;
create unique index settlement_once on settlement.settlement (tenant_id, item_id, round,
  (case when kind = 'write_off' then kind else 'paid' end)) where kind <> 'recovery';

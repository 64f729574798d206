-- A deduction is paid once and written off once, but comes back in as many payments as the customer likes.
drop index settlement.settlement_once;
create unique index settlement_once on settlement.settlement (tenant_id, item_id,
  (case when kind = 'write_off' then kind else 'paid' end)) where kind <> 'recovery';
-- What a person resolved of an item, whatever it was.
create index settlement_item on settlement.settlement (tenant_id, item_id);
-- A deduction stands in one remittance.
create unique index remittance_line_item on settlement.remittance_line (tenant_id, item_id) where item_id is not null;

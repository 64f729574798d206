-- What a tactic may state beside rate and lump sum; null where its mechanic does not take it or the default holds.
-- lump_sum, cap, minimum and the rate are in the currency of fx where there is one, else in the promotion's.
alter table promotions.tactic
  add column starts_on date,
  add column ends_on date,
  add column rate_percent_of text collate "C" check (rate_percent_of in ('list', 'invoice')),
  add column funding_basis text collate "C" check (funding_basis in ('shipments', 'consumption')),
  add column redemption_rate numeric(9, 6) check (redemption_rate between 0 and 1),
  add column stores integer check (stores > 0),
  add column recognition text collate "C" check (recognition in ('on_date', 'straight_line', 'volume_curve')),
  -- {method, steps: [{from, rate}]}: decimal strings, by from.
  add column tiers jsonb,
  add column cap numeric(24, 4) check (cap > 0),
  add column minimum numeric(24, 4) check (minimum > 0),
  -- The exchange rate that the tactic's money is converted by: {type, on, from, to, rate, rateId}.
  add column fx jsonb,
  add check (starts_on <= ends_on),
  add check (minimum <= cap);

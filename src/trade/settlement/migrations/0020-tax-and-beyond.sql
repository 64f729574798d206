-- Tax inside what customers take or ask for is no trade spend: it goes to an account of its own.
alter table settlement.journal_line drop constraint journal_line_account_check,
  add constraint journal_line_account_check check (account in ('promotional_allowances', 'accrued_trade_liability',
    'receivables', 'payables', 'deduction_expense', 'opening_balance', 'tax'));
alter table settlement.gl_mapping_line drop constraint gl_mapping_line_movement_check,
  add constraint gl_mapping_line_movement_check check (movement in ('accrue', 'release', 'settle_receivables',
    'settle_payables', 'tax_receivables', 'tax_payables', 'write_off', 'open'));
-- What is paid beyond a liability is accrued with it now: only a tactic that was paid so before may owe less than nothing,
-- until the next run accrues it.
comment on column settlement.liability.beyond is 'Paid more than was owed before that was accrued at once.';

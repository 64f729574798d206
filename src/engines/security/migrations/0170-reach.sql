-- How far somebody reaches is said when they are let in, not only afterwards: by invitations, by providers and directories
-- that let people join, and of programs.
alter table identity.one_time_link
  -- As of a membership; null: not narrowed, which whoever invites has to say.
  add column scope_customers uuid[] check (cardinality(scope_customers) between 1 and 200),
  add column scope_products uuid[] check (cardinality(scope_products) between 1 and 200),
  add column amount_limits jsonb not null default '[]' check (jsonb_typeof(amount_limits) = 'array');

alter table identity.single_sign_on
  -- {customers, products} of who joins through it; null: nobody has said, so nobody joins.
  add column join_scope jsonb check (jsonb_typeof(join_scope) = 'object');

alter table identity.service_account
  -- As of a provider: of who joins through the directory that signs in with this account.
  add column join_scope jsonb check (jsonb_typeof(join_scope) = 'object'),
  add column scope_customers uuid[] check (cardinality(scope_customers) between 1 and 200),
  add column scope_products uuid[] check (cardinality(scope_products) between 1 and 200),
  add column amount_limits jsonb not null default '[]' check (jsonb_typeof(amount_limits) = 'array');

-- Where a rate was taken from (a central bank, a provider, the plan), in the words of whoever recorded it; empty: not said.
alter table master_data.fx_rate add column source text not null default '' check (length(source) <= 200);

-- Terms in another currency than their customer's: type, day and rate of the exchange rate that a version is converted at.
alter table terms.agreement_version add column fx jsonb;

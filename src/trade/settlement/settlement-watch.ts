import type { WatchedAct } from '#module';

type Read = WatchedAct['read'];

const item: Read = ({ customerId, amount }, recordId) => ({
  recordId,
  counterpartId: String(customerId),
  amount: amount as { amount: string; currency: string },
});
const record: Read = (_data, recordId) => ({ recordId });

/** What detection watches of settlement: money that leaves, and who decides on journals and periods. */
export const settlementWatched: readonly WatchedAct[] = [
  { event: 'settlement.deduction.settled', act: 'act.settled', read: item },
  { event: 'settlement.deduction.written_off', act: 'act.settled', read: item },
  { event: 'settlement.claim.settled', act: 'act.settled', read: item },
  { event: 'settlement.journal.prepared', act: 'act.made', read: record },
  { event: 'settlement.journal.approved', act: 'act.approved', read: record },
  { event: 'settlement.period.reopen_asked', act: 'act.made', read: record },
  { event: 'settlement.period.reopened', act: 'act.approved', read: record },
];

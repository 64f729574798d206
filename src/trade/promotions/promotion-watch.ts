import type { WatchedAct } from '#module';

/** What detection watches of promotions: who made what is to be decided. */
export const promotionsWatched: readonly WatchedAct[] = [
  {
    event: 'promotions.promotion.submitted',
    act: 'act.made',
    read: ({ customerId, plannedSpend, currency }, recordId) => ({
      recordId,
      counterpartId: String(customerId),
      amount: plannedSpend === null ? undefined : { amount: String(plannedSpend), currency: String(currency) },
    }),
  },
];

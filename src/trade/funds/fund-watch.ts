import type { WatchedAct } from '#module';

/** What detection watches of funds: transfers that somebody else is to decide. */
export const fundsWatched: readonly WatchedAct[] = [
  {
    event: 'funds.transfer.proposed',
    act: 'act.made',
    read: ({ toFundId, amount }, recordId) => ({
      recordId,
      counterpartId: String(toFundId),
      amount: amount as { amount: string; currency: string },
    }),
  },
];

import type { WatchedAct } from '#module';
import { masterDataEvents } from './events.ts';

/** What detection watches of master data: a customer's record says who gets what is settled for it. */
export const masterDataWatched: readonly WatchedAct[] = [
  {
    event: masterDataEvents.customerChanged,
    act: 'act.rerouted',
    read: (_data, recordId) => ({ recordId, counterpartId: recordId }),
  },
];

import type { WatchedAct } from '#module';

const agreement: WatchedAct['read'] = (_data, recordId) => ({ recordId });

/** What detection watches of terms: who drafts them and who agrees to them. */
export const termsWatched: readonly WatchedAct[] = [
  { event: 'terms.agreement.drafted', act: 'act.made', read: agreement },
  { event: 'terms.agreement.agreed', act: 'act.approved', read: agreement },
];

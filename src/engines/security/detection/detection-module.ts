import type { Module, WatchedAct } from '#module';
import { detectionRoutes } from './detection-routes.ts';
import { decisionsWatched, watchActs } from './watch-acts.ts';

/** What detection registers with the house, for the events that its modules declare as watched. */
export function detectionModule(watched: readonly WatchedAct[]): Module {
  return {
    name: 'detection',
    routes: detectionRoutes,
    subscriptions: [watchActs([...decisionsWatched, ...watched])],
  };
}

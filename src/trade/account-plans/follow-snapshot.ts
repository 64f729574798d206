import type { Job } from '#jobs';
import { Problem } from '#problem';
import { changeScenario } from './change-scenario.ts';
import { findSnapshot } from './plan-store.ts';
import { scenariosBehind } from './scenario-store.ts';

/** A plan that has a new snapshot. */
interface PlanCalculated {
  planId: string;
}

/**
 * Puts a plan's open scenarios on its latest snapshot, so that they are compared with what the plan is now. One that was
 * decided stays where it was decided on; one whose edits no longer fit stays on its snapshot, which its column says.
 */
export const followSnapshotJob: Job<PlanCalculated> = {
  // A queue of its own: a night's recalculations must not keep people comparing what is not comparable.
  ...{ name: 'account-plans.follow-snapshot', queue: 'account-plans.scenarios' },
  handle: async (context, { planId }) => {
    const behind = await context.db.read(context, async (tx) => {
      const latest = await findSnapshot(tx, planId, 'latest');
      return latest ? scenariosBehind(tx, planId, latest.number) : [];
    });
    for (const { id, version } of behind) {
      if (context.signal.aborted) throw new Error('the server drains: scenarios follow after the next start');
      try {
        await changeScenario(context, id, version, { rebase: true });
      } catch (error) {
        // Whoever changed it meanwhile won: the job runs again.
        if (!(error instanceof Problem) || error.status >= 500 || error.code === 'version.conflict') throw error;
        context.log.info({ scenario: id, code: error.code }, 'a scenario could not follow its plan');
      }
    }
  },
};

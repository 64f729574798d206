import { addDays } from '#fiscal-calendar';
import type { Control, Invariant } from '#module';
import { type KnownConflict, knownConflicts } from '../policy/duties/duty-matrix.ts';
import { findBreaches } from '../policy/duties/duty-report-store.ts';

/** History that a look at the separation of duties goes through. */
const lookBackDays = 92;

/** What the house checks over and over is a control over the books, and its last check the evidence. */
export function controlOfInvariant({ name, statement, findBreaches: find }: Invariant): Control {
  return {
    code: `invariant.${name}`,
    frameworks: ['SOX'],
    title: `Integrity: ${name.replace(/^[a-z-]+\./, '').replaceAll('-', ' ')}`,
    statement,
    ownerRole: 'finance_controller',
    severity: 'high',
    everyDays: 1,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const breaches = await find(tx);
        return {
          holds: breaches.length === 0,
          measured:
            breaches.length === 0 ? 'Every row was looked at: none breaks it.' : `${breaches.length} rows break it.`,
          exceptions: breaches.map(({ subject, detail }) => `${subject}: ${detail}`),
        };
      },
    },
  };
}

/** Each declared conflict of duties is a control, and what the audit trail tells of the last quarter its evidence. */
export function dutyControls(): Control[] {
  return knownConflicts()
    .filter((conflict) => conflict.recordType !== null)
    .map(controlOfConflict);
}

function controlOfConflict(conflict: KnownConflict): Control {
  return {
    code: `duties.${conflict.code}`,
    frameworks: ['SOX'],
    title: `Separation of duties: ${conflict.first.name}, ${conflict.second.name}`,
    statement: `Nobody does both with one ${conflict.recordType?.replaceAll('_', ' ')}. ${conflict.risk}`,
    ownerRole: 'finance_controller',
    severity: conflict.onRecord === 'refused' ? 'high' : 'medium',
    everyDays: 7,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const to = tx.context.clock.now();
        const from = new Date(`${addDays(to.toISOString().slice(0, 10), -lookBackDays)}T00:00:00Z`);
        const breaches = await findBreaches(tx, conflict, { from, to });
        const uncovered = breaches.filter(({ exceptionId }) => exceptionId === null);
        const covered = breaches.length - uncovered.length;
        const also = covered > 0 ? ` ${covered} more are covered by exceptions that were granted.` : '';
        return {
          holds: uncovered.length === 0,
          measured: `${uncovered.length} records of the last ${lookBackDays} days where one person did both.${also}`,
          exceptions: uncovered.map(
            ({ recordType, recordId, personId }) => `${recordType}/${recordId}: by person/${personId}`,
          ),
        };
      },
    },
  };
}

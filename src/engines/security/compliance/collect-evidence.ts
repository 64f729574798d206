import type { Context } from '#context';
import { addDays } from '#fiscal-calendar';
import type { Control } from '#module';
import { recordAudit } from '../audit/record-audit.ts';
import {
  type Evidence,
  type Finding,
  insertEvidence,
  insertFinding,
  openFindingsOf,
  updateFinding,
} from './compliance-store.ts';
import { daysToMend } from './frameworks.ts';
import type { KnownTests } from './recorded-tests.ts';

/** As many exceptions as one look keeps: people mend the cause, not the list. */
const maxExceptions = 20;
const dayMs = 86_400_000;

/**
 * Looks at a control now and keeps what was found. Evidence that fails opens a finding in each of its frameworks, unless one is
 * open; evidence that holds again closes those that failing evidence opened.
 */
export async function collectEvidence(
  context: Context,
  control: Control,
  tests: KnownTests | undefined,
): Promise<Evidence> {
  const answer = await lookAt(context, control, tests);
  const evidence: Evidence = {
    id: context.newId(),
    controlCode: control.code,
    at: context.clock.now(),
    ...answer,
    exceptions: answer.exceptions.slice(0, maxExceptions),
    collectedBy: context.actor.id,
  };
  await context.db.transact(context, async (tx) => {
    await insertEvidence(tx, evidence);
    if (evidence.outcome === 'fails') {
      for (const framework of control.frameworks) {
        const finding = findingOf(context, control, framework, evidence);
        if (!(await insertFinding(tx, finding))) continue;
        await recordAudit(tx, {
          action: 'compliance.finding_opened',
          entityType: 'finding',
          entityId: finding.id,
          after: { framework, control: control.code, measured: evidence.measured, dueOn: finding.dueOn },
        });
      }
    }
    if (evidence.outcome !== 'holds') return;
    for (const open of await openFindingsOf(tx, control.code)) {
      const resolution = `Holds again: ${evidence.measured}`;
      const closed = { closedAt: evidence.at, closedBy: context.actor.id, resolution };
      await updateFinding(tx, { ...open, ...closed, version: open.version + 1 });
      await recordAudit(tx, {
        ...{ action: 'compliance.finding_closed', entityType: 'finding', entityId: open.id },
        after: { resolution },
      });
    }
  });
  return evidence;
}

async function lookAt(
  context: Context,
  control: Control,
  tests: KnownTests | undefined,
): Promise<Pick<Evidence, 'outcome' | 'measured' | 'exceptions'>> {
  const { evidence } = control;
  if (evidence.kind === 'query') {
    const { holds, measured, exceptions } = await context.db.read(context, (tx) => evidence.ask(tx));
    return { outcome: holds ? 'holds' : 'fails', measured, exceptions: [...exceptions] };
  }
  if (!tests) {
    return { outcome: 'unproved', measured: 'The tests have not been run where this product runs.', exceptions: [] };
  }
  const results = evidence.tests.map(({ file, name }) => ({
    told: `${file}: ${name}`,
    passed: tests.results.find((result) => result.file === file && result.name === name)?.passed,
  }));
  const failed = results.filter(({ passed }) => passed === false).map(({ told }) => told);
  const missing = results.filter(({ passed }) => passed === undefined).map(({ told }) => told);
  const measured = `${results.length - failed.length - missing.length} of ${results.length} tests passed on ${tests.ranAt.slice(0, 10)}, version ${tests.version}.`;
  if (failed.length > 0) return { outcome: 'fails', measured, exceptions: failed };
  if (tests.isOutdated) {
    return { outcome: 'unproved', measured: `${measured} That was another state of the product.`, exceptions: [] };
  }
  if (context.clock.now().getTime() - Date.parse(tests.ranAt) > control.everyDays * dayMs) {
    return { outcome: 'unproved', measured: `${measured} That was too long ago.`, exceptions: [] };
  }
  return { outcome: missing.length > 0 ? 'unproved' : 'holds', measured, exceptions: missing };
}

function findingOf(context: Context, control: Control, framework: Finding['framework'], evidence: Evidence): Finding {
  return {
    id: context.newId(),
    framework,
    controlCode: control.code,
    title: control.title,
    detail: [evidence.measured, ...evidence.exceptions].join('\n'),
    severity: control.severity,
    ownerId: null,
    dueOn: addDays(evidence.at.toISOString().slice(0, 10), daysToMend[control.severity]),
    ...{ openedAt: evidence.at, openedBy: context.actor.id },
    ...{ closedAt: null, closedBy: null, resolution: null, version: 1 },
  };
}

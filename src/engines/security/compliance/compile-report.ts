import type { Context } from '#context';
import type { Control, Framework } from '#module';
import { findPeople } from '../people/people.ts';
import { type Evidence, type Finding, lastEvidence, listFindings, type Outcome } from './compliance-store.ts';
import { frameworkTexts } from './frameworks.ts';

/** How a control stands: as its last evidence says, or `stale` where that is too old, or `never` looked at. */
export type Standing = Outcome | 'stale' | 'never';

/** A control with its last evidence. */
export interface ControlStanding {
  control: Control;
  standing: Standing;
  evidence: Evidence | undefined;
}

/** All that a report on one framework says. */
export interface ComplianceReport {
  framework: Framework;
  name: string;
  scope: string;
  tenant: string;
  compiledAt: Date;
  controls: ControlStanding[];
  /** Open ones, those due first. */
  findings: (Finding & { ownerName: string | null; overdue: boolean })[];
}

const dayMs = 86_400_000;
/** More open findings than these are a state of affairs, not a list: the report names how many there are. */
const maxFindings = 200;

/** How a control stands at `now`. */
export function standingOf(control: Control, evidence: Evidence | undefined, now: Date): Standing {
  if (!evidence) return 'never';
  if (now.getTime() - evidence.at.getTime() > control.everyDays * dayMs) return 'stale';
  return evidence.outcome;
}

/** Puts together what is known of a framework now. */
export async function compileReport(
  context: Context,
  controls: readonly Control[],
  framework: Framework,
): Promise<ComplianceReport> {
  const now = context.clock.now();
  return context.db.read(context, async (tx) => {
    const last = await lastEvidence(tx);
    const { items } = await listFindings(tx, { framework, open: true }, { limit: maxFindings });
    const owners = await findPeople(tx, { ids: [...new Set(items.flatMap(({ ownerId }) => ownerId ?? []))] });
    const names = new Map(owners.map(({ id, name }) => [id, name]));
    return {
      framework,
      ...frameworkTexts[framework],
      tenant: context.tenant.slug,
      compiledAt: now,
      controls: controls
        .filter((control) => control.frameworks.includes(framework))
        .map((control) => {
          const evidence = last.get(control.code);
          return { control, standing: standingOf(control, evidence, now), evidence };
        }),
      findings: items.map((finding) => ({
        ...finding,
        ownerName: finding.ownerId === null ? null : (names.get(finding.ownerId) ?? null),
        overdue: finding.dueOn < now.toISOString().slice(0, 10),
      })),
    };
  });
}

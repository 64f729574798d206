import { Decimal } from '#money';
import type { TermLine, TermTiers } from './domain/term-line.ts';
import type { Agreement, AgreementVersion } from './terms-store.ts';

/** A line as JSON carries it: rates and thresholds are decimal strings. */
export interface LineJson extends Omit<TermLine, 'rate' | 'tiers'> {
  rate: string | null;
  tiers: (Omit<TermTiers, 'steps'> & { steps: { from: string; rate: string }[] }) | null;
}

/** A version as JSON carries it. */
export interface VersionJson
  extends Omit<AgreementVersion, 'agreementId' | 'lines' | 'madeAt' | 'agreedAt' | 'supersededAt'> {
  state: 'draft' | 'agreed' | 'superseded' | 'declined';
  madeAt: string;
  agreedAt: string | null;
  supersededAt: string | null;
  lines: LineJson[];
}

/** An agreement with what is in force and what waits for a yes. */
export interface AgreementJson extends Agreement {
  current: VersionJson | null;
  draft: VersionJson | null;
}

/** A line as JSON. */
export function lineJson({ rate, tiers, ...line }: TermLine): LineJson {
  const steps = tiers?.steps.map((step) => ({ from: step.from.toString(), rate: step.rate.toString() }));
  return { ...line, rate: rate?.toString() ?? null, tiers: tiers && steps ? { ...tiers, steps } : null };
}

/** A line from JSON. */
export function lineFrom({ rate, tiers, ...line }: LineJson): TermLine {
  const steps = tiers?.steps.map((step) => ({ from: new Decimal(step.from), rate: new Decimal(step.rate) }));
  return {
    ...line,
    rate: rate === null ? null : new Decimal(rate),
    tiers: tiers && steps ? { ...tiers, steps } : null,
  };
}

/** Where a version stands. */
function stateOf({ agreedAt, supersededAt }: AgreementVersion): VersionJson['state'] {
  if (agreedAt) return supersededAt ? 'superseded' : 'agreed';
  return supersededAt ? 'declined' : 'draft';
}

/** A version as JSON. */
export function versionJson({ agreementId: _, lines, ...version }: AgreementVersion): VersionJson {
  return {
    ...version,
    state: stateOf({ agreementId: _, lines, ...version }),
    madeAt: version.madeAt.toISOString(),
    agreedAt: version.agreedAt?.toISOString() ?? null,
    supersededAt: version.supersededAt?.toISOString() ?? null,
    lines: lines.map(lineJson),
  };
}

/** The version that was in force at an instant, and the draft of then; of now where no instant is given. */
export function versionsAt(
  versions: readonly AgreementVersion[],
  asOf?: Date,
): { current: AgreementVersion | undefined; draft: AgreementVersion | undefined } {
  const until = asOf?.getTime() ?? Number.POSITIVE_INFINITY;
  const by = (at: Date | null) => at !== null && at.getTime() <= until;
  const there = versions.filter(({ madeAt, supersededAt }) => by(madeAt) && !by(supersededAt));
  return { current: there.find(({ agreedAt }) => by(agreedAt)), draft: there.find(({ agreedAt }) => !by(agreedAt)) };
}

/** An agreement as JSON. */
export function agreementJson(agreement: Agreement, versions: readonly AgreementVersion[], asOf?: Date): AgreementJson {
  const { current, draft } = versionsAt(versions, asOf);
  return { ...agreement, current: current ? versionJson(current) : null, draft: draft ? versionJson(draft) : null };
}

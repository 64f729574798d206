import type { Context } from '#context';
import type { TenantTx } from '#db';

/** What a control answers for: the rules that auditors bring. */
export const frameworks = ['SOX', 'GDPR', 'PCI_DSS', 'ASVS'] as const;

/** One of {@link frameworks}. */
export type Framework = (typeof frameworks)[number];

/** What a look at the data found. */
export interface ControlAnswer {
  holds: boolean;
  /** What was looked at and counted, in one sentence. */
  measured: string;
  /** What breaks it, as `<subjectType>/<id>: why`; at most some twenty. */
  exceptions: readonly string[];
}

/** How it is shown that a control works: a question to the data, or tests that ran. */
export type ControlEvidence =
  | { kind: 'query'; ask(tx: TenantTx<Context>): Promise<ControlAnswer> }
  | { kind: 'tests'; tests: readonly { file: string; name: string }[] };

/** Something that is built or done so that books, personal data or card data are safe. */
export interface Control {
  /** Stable and unique: `funds.never-over-reserved`. */
  code: string;
  frameworks: readonly Framework[];
  title: string;
  /** What must hold, in plain words. */
  statement: string;
  /** The predefined role that answers for it. */
  ownerRole: string;
  severity: 'high' | 'medium' | 'low';
  /** Evidence older than so many days counts as missing. */
  everyDays: number;
  evidence: ControlEvidence;
}

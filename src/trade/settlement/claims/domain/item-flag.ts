import { addDays, daysBetween } from '#fiscal-calendar';

/** Flags with which nothing is found valid without a reason. */
export const doubtful = ['duplicate', 'post_audit'] as const;

/** Why people should look twice at an item. */
export interface ItemFlag {
  flag: (typeof doubtful)[number] | 'unknown_reason_code';
  /** In words. */
  reason: string;
  /** The other item, where there is one. */
  itemId?: string;
}

/** A promotion that an item's text names, as far as its age matters. */
export interface NamedPromotion {
  code: string;
  claimByOn: string;
  /** Whether anything is still owed for it. */
  open: boolean;
}

/** So long after the claim-by date a claim is a few weeks late; later it comes from an audit of the past. */
const lateDays = 30;
const auditWords = /\b(POST[\s-]?AUDIT|AUDIT RECOVERY|RECOVERY AUDIT|PRIOR YEAR|AUDIT CLAIM)\b/i;

/** Why an item looks like a claim after an audit: it says so, or it names what is long past its claim-by date or settled. */
export function postAuditReason(text: string, takenOn: string, named: readonly NamedPromotion[]): string | null {
  const late = named.find(({ claimByOn }) => takenOn > addDays(claimByOn, lateDays));
  if (late) return `taken ${daysBetween(late.claimByOn, takenOn)} days after the claim-by date of ${late.code}`;
  const settled = named.find(({ open }) => !open);
  if (settled) return `${settled.code} is settled already: nothing is owed for it`;
  const word = auditWords.exec(text)?.[0];
  return word ? `the text says “${word.toLowerCase()}”` : null;
}

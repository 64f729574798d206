import type { RawBuilder } from '#db';
import type { Permission } from './permissions.ts';

/** Where the audit trail shows that somebody did a duty. */
export interface DutyTrace {
  /** As audit entries name it. */
  entityType: string;
  /** Actions of audit entries: `promotion.approved`. */
  actions: readonly string[];
  /**
   * The records that an entry's entity belongs to, where that is not itself: a select of `entity_id` and `record_id`, both
   * text.
   */
  records?: RawBuilder<{ entity_id: string; record_id: string }>;
}

/** Something that one person does with a record: make it, check it, settle it. */
export interface Duty {
  /** Stable and unique: `promotion.approve`. */
  code: string;
  /** In plain words: "approve a promotion". */
  name: string;
  /** Whoever holds one of these can do it. */
  permissions: readonly Permission[];
  traces: readonly DutyTrace[];
}

/** Two duties that one person is not to do. */
export interface DutyConflict {
  /** Stable and unique: `promotion.make-approve`. */
  code: string;
  /** The duty that comes first and the one that checks or ends it. */
  first: string;
  second: string;
  /** What could go wrong. */
  risk: string;
  /** What kind of record both are done with; null: the conflict is one of roles only. */
  recordType: string | null;
  /** What happens when one person does both with one record: the product refuses it, or the report shows it. */
  onRecord: 'refused' | 'reported';
  /** What happens when one person can do both at all: refused without an exception, or shown. */
  inRoles: 'refused' | 'shown';
}

/** What a module teaches about the separation of duties. */
export interface DutyDeclaration {
  duties?: readonly Duty[];
  conflicts?: readonly DutyConflict[];
}

import type { Money, Person, Role } from '../../api/shapes.ts';

/** The nodes that somebody is kept to; null: that side is not narrowed. */
export interface Scope {
  customers: string[] | null;
  products: string[] | null;
}

/** At most so much in one decision; an amount of null: unlimited. */
export interface AmountLimit {
  permission: string;
  currency: string;
  amount: string | null;
}

/** A member with what they are kept to. */
export interface Member extends Person {
  scope: Scope;
  limits: AmountLimit[];
  /** To whom they report. */
  managerId: string | null;
}

/** A role with the version that a change of it names; null for a predefined one. */
export interface VersionedRole extends Role {
  version: number | null;
}

/** What somebody might do at the end of a day. */
export interface Rights {
  personId: string;
  roles: string[];
  permissions: string[];
  approvalLimit: Money | null;
  scope: Scope;
  limits: AmountLimit[];
  active: boolean;
  since: string;
  seeded: boolean;
}

/** A key that a program came in with. */
export interface ReviewedKey {
  id: string;
  name: string;
  hint: string;
  permissions: string[];
  expiresAt: string;
  lastUsedAt: string | null;
  quarantined: boolean;
  madeBy: { id: string; name: string; active: boolean };
  /** Whoever has read it may not come in any more. */
  rotate: boolean;
}

/** What a program might do at the end of a day. */
export interface ReviewedProgram extends Omit<Rights, 'personId' | 'roles' | 'approvalLimit'> {
  id: string;
  name: string;
  createdAt: string;
  madeBy: ReviewedKey['madeBy'];
  /** Whoever made it may not come in any more. */
  orphaned: boolean;
  keys: ReviewedKey[];
}

/** Everybody's rights at the end of a day, and those of programs. */
export interface Review {
  on: string;
  at: string;
  items: (Rights & { name: string })[];
  programs: ReviewedProgram[];
}

/** The permissions over the roles. */
export interface Matrix {
  roles: { code: string; name: string; predefined: boolean }[];
  items: { permission: string; meaning: string; heldBy: string[]; limited: boolean }[];
}

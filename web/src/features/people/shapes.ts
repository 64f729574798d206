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

/** Everybody's rights at the end of a day. */
export interface Review {
  on: string;
  at: string;
  items: (Rights & { name: string })[];
}

/** The permissions over the roles. */
export interface Matrix {
  roles: { code: string; name: string; predefined: boolean }[];
  items: { permission: string; meaning: string; heldBy: string[]; limited: boolean }[];
}

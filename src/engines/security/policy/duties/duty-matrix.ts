import type { Duty, DutyConflict, DutyDeclaration } from '#module';
import { decidingPermissions } from '../deciding-permissions.ts';

/** What security itself teaches: who gives rights decides no money. */
const ownDuties: DutyDeclaration = {
  duties: [
    {
      code: 'rights.give',
      name: 'give people rights',
      permissions: ['users:manage'],
      traces: [{ entityType: 'person', actions: ['person.changed'] }],
    },
    {
      code: 'money.decide',
      name: 'decide on money or on the books',
      permissions: decidingPermissions,
      traces: [],
    },
  ],
  conflicts: [
    {
      code: 'rights.give-decide',
      first: 'rights.give',
      second: 'money.decide',
      risk: 'Whoever gives rights could have helpers decide money for them.',
      recordType: null,
      onRecord: 'reported',
      inRoles: 'refused',
    },
  ],
};

/** A conflict with its duties. */
export interface KnownConflict extends Omit<DutyConflict, 'first' | 'second'> {
  first: Duty;
  second: Duty;
}

let known: readonly KnownConflict[] = [];

/** Gives the process what its modules teach about the separation of duties. Throws where a conflict names no known duty. */
export function teachDuties(declarations: readonly DutyDeclaration[]): void {
  const all = [ownDuties, ...declarations];
  const duties = new Map(all.flatMap((one) => (one.duties ?? []).map((duty) => [duty.code, duty] as const)));
  const dutyOf = (code: string): Duty => {
    const duty = duties.get(code);
    if (!duty) throw new Error(`a conflict names the duty ${code}, which nobody declares`);
    return duty;
  };
  known = all.flatMap((one) =>
    (one.conflicts ?? []).map((conflict) => ({
      ...conflict,
      first: dutyOf(conflict.first),
      second: dutyOf(conflict.second),
    })),
  );
}
teachDuties([]);

/** Every conflict, in the order in which modules declare them. */
export function knownConflicts(): readonly KnownConflict[] {
  return known;
}

/** A conflict that somebody could fall into, with the permissions on each side by which. */
export interface HeldConflict {
  conflict: KnownConflict;
  first: string[];
  second: string[];
}

/** The conflicts both of whose sides a set of permissions opens. */
export function conflictsHeld(permissions: ReadonlySet<string>): HeldConflict[] {
  const held = (duty: Duty) => duty.permissions.filter((permission) => permissions.has(permission));
  return known
    .map((conflict) => ({ conflict, first: held(conflict.first), second: held(conflict.second) }))
    .filter(({ first, second }) => first.length > 0 && second.length > 0);
}

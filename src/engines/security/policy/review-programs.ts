import type { TenantTx } from '#db';
import { findPeople } from '../people/people.ts';
import type { RightsThen } from './access-review-store.ts';
import { type KeyThen, type ProgramThen, programKeysAt, programsAt } from './program-review-store.ts';

/** Who made a program or a key: their name, and whether they were an active member at that instant. */
interface Maker {
  id: string;
  name: string;
  active: boolean;
}

/** A key in a review: `rotate` where whoever has read it may not come in any more. */
export type ReviewedKey = Omit<KeyThen, 'madeBy' | 'accountId'> & { madeBy: Maker; rotate: boolean };

/** A program in a review: `orphaned` where whoever made it may not come in any more. */
export type ReviewedProgram = Omit<ProgramThen, 'madeBy'> & { madeBy: Maker; orphaned: boolean; keys: ReviewedKey[] };

/** The programs that there were at an instant with their keys, for the people who were members then. */
export async function reviewPrograms(
  tx: TenantTx,
  at: Date,
  people: readonly RightsThen[],
): Promise<ReviewedProgram[]> {
  const [programs, keys] = [await programsAt(tx, at), await programKeysAt(tx, at)];
  const ids = [...new Set([...programs, ...keys].map(({ madeBy }) => madeBy))];
  const names = new Map((await findPeople(tx, { ids })).map(({ id, name }) => [id, name]));
  const active = new Set(people.filter((one) => one.active).map(({ personId }) => personId));
  const makerOf = (id: string): Maker => ({ id, name: names.get(id) ?? '', active: active.has(id) });
  return programs.map((program) => ({
    ...program,
    madeBy: makerOf(program.madeBy),
    orphaned: program.active && !active.has(program.madeBy),
    keys: keys
      .filter(({ accountId }) => accountId === program.id)
      .map(({ accountId: _, ...key }) => ({
        ...key,
        // A key opens what both it and its program may.
        permissions: key.permissions.filter((one) => program.permissions.includes(one)).sort(),
        madeBy: makerOf(key.madeBy),
        rotate: program.active && !active.has(key.madeBy),
      })),
  }));
}

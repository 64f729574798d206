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

/** A key in a review: `rotate` where whoever has read it may not come in any more, or not do any more what comes with it. */
export type ReviewedKey = Omit<KeyThen, 'madeBy' | 'accountId'> & { madeBy: Maker; rotate: boolean };

/** A program in a review: `orphaned` where whoever made it may not come in any more. */
export type ReviewedProgram = Omit<ProgramThen, 'madeBy'> & { madeBy: Maker; orphaned: boolean; keys: ReviewedKey[] };

/** What takes somebody to make keys of programs, and to read them so. */
const handlesKeys = 'users:manage';

/** Whether a key is beyond whoever knows it: they may not handle keys of programs, or not do what it opens. */
export function isKeyBeyond(key: { permissions: readonly string[] }, permissions: ReadonlySet<string>): boolean {
  return !permissions.has(handlesKeys) || key.permissions.some((one) => !permissions.has(one));
}

/** The programs that there were at an instant with their keys, for the people who were members then. */
export async function reviewPrograms(
  tx: TenantTx,
  at: Date,
  people: readonly RightsThen[],
): Promise<ReviewedProgram[]> {
  const [programs, keys] = [await programsAt(tx, at), await programKeysAt(tx, at)];
  const ids = [...new Set([...programs, ...keys].map(({ madeBy }) => madeBy))];
  const names = new Map((await findPeople(tx, { ids })).map(({ id, name }) => [id, name]));
  const active = new Map(people.filter((one) => one.active).map((one) => [one.personId, one.permissions]));
  const makerOf = (id: string): Maker => ({ id, name: names.get(id) ?? '', active: active.has(id) });
  return programs.map((program) => ({
    ...program,
    madeBy: makerOf(program.madeBy),
    orphaned: program.active && !active.has(program.madeBy),
    keys: keys
      .filter(({ accountId }) => accountId === program.id)
      .map(({ accountId: _, ...key }) => {
        // A key opens what both it and its program may.
        const permissions = key.permissions.filter((one) => program.permissions.includes(one)).sort();
        const held = active.get(key.madeBy);
        const rotate = program.active && (held === undefined || isKeyBeyond({ permissions }, held));
        return { ...key, permissions, madeBy: makerOf(key.madeBy), rotate };
      }),
  }));
}

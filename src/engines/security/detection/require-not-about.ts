import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { handsOf } from '../policy/hands.ts';
import { ownersOfKeys } from '../service-accounts/api-key-store.ts';

const named = (about: readonly string[], kind: string): string[] =>
  about.filter((one) => one.startsWith(`${kind}:`)).map((one) => one.slice(kind.length + 1));

/**
 * Throws `approval.own_work` where an incident is about the running actor: by themselves, through a program, or by a key
 * that is theirs or that they made.
 */
export async function requireNotAbout(tx: TenantTx<Context>, about: readonly string[]): Promise<void> {
  const own = [...(await handsOf(tx, [tx.context.actor.id]))];
  const people = [...named(about, 'person'), ...named(about, 'pair')];
  const owners = await handsOf(tx, await ownersOfKeys(tx, named(about, 'key')));
  if (own.some((id) => owners.has(id) || people.some((one) => one.includes(id)))) {
    throw new Problem('approval.own_work', { detail: 'Somebody whom this incident is not about does this.' });
  }
}

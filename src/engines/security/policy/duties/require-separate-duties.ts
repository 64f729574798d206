import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { recordSecurityEvent } from '../../detection/record-security-event.ts';
import { exceptionsInForce } from './duty-exception-store.ts';
import { conflictsHeld } from './duty-matrix.ts';

/**
 * Throws `rule.violated` where permissions open both sides of a conflict that is refused in roles, unless an exception for
 * the person is in force; its use is a security event.
 */
export async function requireSeparateDuties(
  tx: TenantTx<Context>,
  permissions: ReadonlySet<string>,
  personId: string | null,
): Promise<void> {
  const refused = conflictsHeld(permissions).filter(({ conflict }) => conflict.inRoles === 'refused');
  if (refused.length === 0) return;
  const { clock, tenant } = tx.context;
  const exceptions = personId === null ? [] : await exceptionsInForce(tx, todayIn(clock, tenant.timeZone));
  for (const { conflict, first, second } of refused) {
    const exception = exceptions.find((one) => one.personId === personId && one.conflict === conflict.code);
    if (!exception) {
      throw new Problem('rule.violated', {
        detail: `Nobody is to ${conflict.first.name} and to ${conflict.second.name} (${[...first, ...second].join(', ')}): ${conflict.risk} An exception must be granted first.`,
      });
    }
    await recordSecurityEvent(tx, {
      kind: 'duty.excepted',
      personId: tx.context.actor.id,
      subjectId: personId,
      detail: { conflict: conflict.code, exception: exception.id },
    });
  }
}

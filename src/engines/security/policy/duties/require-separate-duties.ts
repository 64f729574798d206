import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { recordSecurityEvent } from '../../detection/record-security-event.ts';
import { administratorRole, permissionsOf } from '../roles.ts';
import { exceptionsInForce } from './duty-exception-store.ts';
import { conflictsHeld, type HeldConflict } from './duty-matrix.ts';

const administrators = permissionsOf([administratorRole], []);

/** The conflicts that roles refuse; what the administrator's role itself holds is the product's choice, and shown. */
export function refusedTogether(permissions: ReadonlySet<string>): HeldConflict[] {
  const isAdministrator = [...administrators].every((one) => permissions.has(one));
  return conflictsHeld(permissions)
    .map(({ second, ...rest }) => ({
      ...rest,
      second: isAdministrator ? second.filter((one) => !administrators.has(one)) : second,
    }))
    .filter(({ conflict, second }) => conflict.inRoles === 'refused' && second.length > 0);
}

function refuse({ conflict, first, second }: HeldConflict): never {
  throw new Problem('rule.violated', {
    detail: `Nobody is to ${conflict.first.name} and to ${conflict.second.name} (${[...first, ...second].join(', ')}): ${conflict.risk} An exception must be granted first.`,
  });
}

/** {@link requireSeparateDuties} for who has no exception: people who are no members yet, and programs. */
export function refuseTogether(permissions: ReadonlySet<string>): void {
  const [first] = refusedTogether(permissions);
  if (first) refuse(first);
}

/**
 * Throws `rule.violated` where permissions open both sides of a conflict that is refused in roles, unless an exception for
 * the person is in force; its use is a security event.
 */
export async function requireSeparateDuties(
  tx: TenantTx<Context>,
  permissions: ReadonlySet<string>,
  personId: string | null,
): Promise<void> {
  const refused = refusedTogether(permissions);
  if (refused.length === 0) return;
  const exceptions = personId === null ? [] : await exceptionsInForce(tx);
  for (const { conflict, first, second } of refused) {
    const exception = exceptions.find((one) => one.personId === personId && one.conflict === conflict.code);
    if (!exception) refuse({ conflict, first, second });
    await recordSecurityEvent(tx, {
      kind: 'duty.excepted',
      personId: tx.context.actor.id,
      subjectId: personId,
      detail: { conflict: conflict.code, exception: exception.id },
    });
  }
}

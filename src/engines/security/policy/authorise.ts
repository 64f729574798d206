import type { Context } from '#context';
import type { Permission } from '#module';
import { Problem } from '#problem';

/** Throws `auth.forbidden` unless the context's actor holds `permission`. */
export function authorise(context: Context, permission: Permission): void {
  if (context.actor.permissions.has(permission)) return;
  throw new Problem('auth.forbidden', { detail: `This needs the permission ${permission}.` });
}

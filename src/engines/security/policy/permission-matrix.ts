import type { Access, AnyRoute } from '#http';
import { type Permission, permissions } from '#module';
import { permissionWords } from './permission-words.ts';
import { limitedPermissions } from './policy-schemas.ts';
import { predefinedRoles, type Role } from './roles.ts';

/** One permission with what it means and who holds it. */
export interface MatrixRow {
  permission: Permission;
  meaning: string;
  /** Codes of the roles that hold it. */
  heldBy: string[];
  /** Whether a personal amount limit bounds it. */
  limited: boolean;
}

/** The matrix of the permissions over some roles. */
export function permissionMatrix(roles: readonly Role[]): MatrixRow[] {
  const limited: ReadonlySet<string> = new Set(limitedPermissions);
  return permissions.map((permission) => ({
    permission,
    meaning: permissionWords[permission],
    heldBy: roles.filter((role) => role.permissions.includes(permission)).map(({ code }) => code),
    limited: limited.has(permission),
  }));
}

/** The matrix of the predefined roles, and which routes each permission opens, as a document for people: Markdown. */
export function permissionMatrixDocument(routes: readonly AnyRoute[]): string {
  const rows = permissionMatrix(predefinedRoles);
  const head = ['Permission', ...predefinedRoles.map(({ name }) => name), 'It lets somebody'];
  const cells = rows.map(({ permission, heldBy, limited, meaning }) => [
    `\`${permission}\`${limited ? ' †' : ''}`,
    ...predefinedRoles.map(({ code }) => (heldBy.includes(code) ? '●' : '')),
    meaning,
  ]);
  const line = (of: readonly string[]) => `| ${of.join(' | ')} |`;
  const opensOf = (access: Access) =>
    routes.filter((one) => one.access === access).map(({ method, path }) => `\`${method} ${path}\``);
  const opened = permissions.map((one) => `- \`${one}\`: ${opensOf(one).join(', ') || 'no route of its own'}`);
  return [
    '# Who may do what',
    '',
    `Generated from the one policy source (\`npm run generate\`): ${predefinedRoles.length} predefined roles over ${permissions.length} permissions.`,
    'Tenants add roles of their own over the same permissions; `GET /api/v1/compliance/permission-matrix` shows those too.',
    '',
    line(head),
    line(head.map((_, index) => (index === 0 || index === head.length - 1 ? '---' : ':-:'))),
    ...cells.map(line),
    '',
    '† up to an amount per person and currency, where one was set. A membership may also be kept to a part of the customers',
    'and products: what lies outside is then not found, whatever the permission.',
    '',
    '## What each permission opens',
    '',
    ...opened,
    '',
    `Open to anyone who is signed in: ${opensOf('authenticated').join(', ')}.`,
    '',
  ].join('\n');
}

import { permissions } from '#module';
import type { AnyRoute } from './route.ts';

const known: ReadonlySet<string> = new Set([...permissions, 'authenticated', 'public']);

/** Throws where a route does not say who may call it, or is declared twice: such a server does not start. */
export function requireDeclaredAccess(routes: readonly AnyRoute[]): void {
  const seen = new Set<string>();
  for (const { method, path, access } of routes) {
    const name = `${method} ${path}`;
    if (!known.has(access))
      throw new Error(`the route ${name} does not declare a permission: it says ${String(access)}`);
    if (seen.has(name)) throw new Error(`the route ${name} is declared twice`);
    seen.add(name);
  }
}

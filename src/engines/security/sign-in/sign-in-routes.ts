import type { AnyRoute } from '#http';
import type { SecurityParts } from '../security-parts.ts';
import { authRoutes } from './auth-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { singleSignOnRoutes } from './single-sign-on/single-sign-on-routes.ts';

/** Everything about coming in: signing in, factors, sessions, single sign-on. */
export function signInRoutes(parts: SecurityParts): AnyRoute[] {
  return [...authRoutes(parts), ...factorRoutes(parts), ...sessionRoutes(parts), ...singleSignOnRoutes(parts)];
}

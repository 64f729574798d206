import { Problem } from '#problem';
import type { AnyRoute } from './route.ts';

/** The sign-in that a bearer token belongs to, as far as routes ask how it came about. */
export interface SignIn {
  /** The session's id. */
  id: string;
  /** When the person last proved here who they are, and how; null: another system vouched for them. */
  provedAt: Date | null;
  provedBy: string | null;
  /** What must be done before anything else: prove oneself again, or set up a second factor. */
  demand: 'proof' | 'second_factor' | null;
}

/** How long a proof counts as recent. */
export const recentProofMs = 10 * 60_000;
/** Proofs by another system: good for work in the tenant, not for what a person holds across tenants. */
const vouched = 'single_sign_on';

/**
 * Throws `auth.proof_required` unless the sign-in has shown what the route asks for. A key of a program (no sign-in)
 * proves nothing, so it may not do what asks for a proof: `auth.forbidden`.
 */
export function requireProof(route: Pick<AnyRoute, 'proof'>, signIn: SignIn | null, now: Date): void {
  if (route.proof === 'none') return;
  if (signIn?.demand && !(signIn.demand === 'second_factor' && route.proof === 'enrol')) {
    throw new Problem('auth.proof_required', {
      detail:
        signIn.demand === 'proof' ? 'Prove again who you are.' : 'Your tenant requires a second factor: set one up.',
      extra: { demand: signIn.demand },
    });
  }
  if (!route.proof) return;
  if (!signIn) throw new Problem('auth.forbidden', { detail: 'Only a person who signed in may do this.' });
  const { provedAt, provedBy } = signIn;
  const recent = provedAt !== null && now.getTime() - provedAt.getTime() <= recentProofMs;
  const own = route.proof === 'own' || route.proof === 'enrol';
  if (recent && !(own && provedBy === vouched)) return;
  throw new Problem('auth.proof_required', {
    detail: 'This needs a proof of who you are from the last 10 minutes.',
    extra: { demand: own ? 'own_proof' : 'proof' },
  });
}

import { Decimal } from '#money';
import { Problem } from '#problem';

/** Most that one tactic may cost, in major units of any currency: far above any budget, far below what a column holds. */
const most = new Decimal('1e12');

/** Throws `rule.violated` for an amount that nobody can mean; `what` begins the sentence. */
export function requireMeant(amount: Decimal, what: string): void {
  if (amount.abs().lte(most)) return;
  throw new Problem('rule.violated', { detail: `${what} of ${amount.toFixed(0)} is more than a tactic can cost.` });
}

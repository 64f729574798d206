import { Problem } from '#problem';
import type { Promotion } from '../domain/promotion.ts';

/** What became of one item of work on many promotions: done whole, or refused with the reason and nothing done. */
export type Outcome =
  | { outcome: string; promotion: Promotion; problem: null }
  | { outcome: 'refused'; promotion: null; problem: { code: string; detail: string } };

/** Does one item. A rule that says no is its outcome; anything else is a failure of all the work and is thrown. */
export async function outcomeOf(
  done: string,
  work: () => Promise<Promotion | { outcome: string; promotion: Promotion }>,
): Promise<Outcome> {
  try {
    const result = await work();
    return 'promotion' in result
      ? { outcome: result.outcome, promotion: result.promotion, problem: null }
      : { outcome: done, promotion: result, problem: null };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { outcome: 'refused', promotion: null, problem: { code: error.code, detail: error.detail } };
  }
}

import type { Context } from '#context';
import { fiscalYearWeeks } from '#master-data';
import { Problem } from '#problem';
import { insertCondition } from './condition-store.ts';
import { lockAgreement } from './draft-terms.ts';
import { recordTermsChange } from './events.ts';
import { findVersions } from './terms-store.ts';

/** Whether a condition was met in a fiscal period. */
export interface ConditionWord {
  lineCode: string;
  fiscalYear: number;
  period: number;
  met: boolean;
  note: string;
}

/**
 * Records whether a condition was met in a fiscal period; a later word on the same period counts instead, and both stay.
 * Throws `rule.violated` where the agreement has no such condition, `calendar.missing` without the period.
 */
export async function recordCondition(context: Context, agreementId: string, word: ConditionWord): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const agreement = await lockAgreement(tx, agreementId);
    const versions = await findVersions(tx, [agreementId]);
    const lines = versions.flatMap((version) => (version.agreedAt ? version.lines : []));
    if (!lines.some(({ code, kind }) => code === word.lineCode && kind === 'conditional')) {
      const detail = `${agreement.code} has no agreed conditional line ${word.lineCode}.`;
      throw new Problem('rule.violated', { detail, errors: [{ path: 'lineCode', message: detail }] });
    }
    const weeks = (await fiscalYearWeeks(tx, word.fiscalYear)).filter(({ period }) => period === word.period);
    const [first, last] = [weeks[0], weeks.at(-1)];
    if (!first || !last) {
      throw new Problem('calendar.missing', { detail: `The year ${word.fiscalYear} has no period ${word.period}.` });
    }
    const days = { startsOn: first.startsOn, endsOn: last.endsOn };
    await insertCondition(tx, agreementId, { ...word, ...days });
    await recordTermsChange(tx, 'condition_recorded', {
      agreementId,
      after: { code: agreement.code, ...word, ...days },
    });
  });
}

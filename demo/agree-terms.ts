import type { Context } from '#context';
import { sql } from '#db';
import { agreeTerms, recordCondition } from '#terms';
import type { DemoMaker } from './maker.ts';

/** Agrees to every draft of terms as `context`'s person, and records which conditions were met lately; once. */
export async function agreeToTerms(context: Context, maker: DemoMaker): Promise<void> {
  const ids = await context.db.read(context, async (tx) => {
    const rows = await tx.many<{ code: string; id: string }>(sql`select code, id from terms.agreement agreement
      where exists (select from terms.agreement_version version where version.agreement_id = agreement.id
        and agreed_at is null and superseded_at is null)`);
    return new Map(rows.map(({ code, id }) => [code, id]));
  });
  for (const [code, id] of ids) {
    await agreeTerms(context, id);
    for (const { agreementCode, lineCode, fiscalYear, period, met } of maker.terms.conditions) {
      if (agreementCode !== code) continue;
      const note = met ? 'By the monthly service report' : 'Half pallets in three of four weeks';
      await recordCondition(context, id, { lineCode, fiscalYear, period, met, note });
    }
  }
}

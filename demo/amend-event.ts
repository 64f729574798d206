import type { Context } from '#context';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { Problem } from '#problem';
import { amendPromotion, type PromotionPorts, saveTemplate } from '#promotions';

/** A week more than was agreed. */
const longerDays = 7;

/**
 * Two things that an account manager does with what is approved: asks for a week more of the event that starts last,
 * which waits for the visitor's decision, and keeps it as a template. Answers the code of the event, null where none fits.
 */
export async function amendEvent(context: Context, ports: PromotionPorts): Promise<string | null> {
  const approved = await context.db.read(context, (tx) =>
    tx.many<{ id: string; code: string; name: string; endsOn: string }>(sql`select id, code, name, ends_on as "endsOn"
      from promotions.promotion where state = 'approved' order by starts_on desc, code`),
  );
  for (const { id, code, name, endsOn } of approved) {
    try {
      await amendPromotion(context, ports, id, undefined, {
        endsOn: addDays(endsOn, longerDays),
        reason: 'The buyer wants to keep it on the shelf for another week.',
      });
      await saveTemplate(context, id, name);
      return code;
    } catch (error) {
      // It meets another event in that week: the next one is asked.
      if (!(error instanceof Problem) || error.status >= 500) throw error;
    }
  }
  return null;
}

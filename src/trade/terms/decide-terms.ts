import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { customerAncestorsOfEach, findProducts, productLeaves, readProductHistory } from '#master-data';
import { amountOf, type Money, toDecimal } from '#money';
import { Problem } from '#problem';
import { requireOtherHand } from '#security';
import { type AgreementJson, agreementJson, versionsAt } from './agreement-json.ts';
import { caseTerms } from './domain/case-terms.ts';
import type { ScopedLine } from './domain/term-line.ts';
import { termsReader } from './domain/terms-book.ts';
import { lockAgreement } from './draft-terms.ts';
import { recordTermsChange } from './events.ts';
import { readTermLines } from './read-terms.ts';
import {
  type Agreement,
  type AgreementVersion,
  customersWithTerms,
  findVersions,
  markAgreed,
  markSuperseded,
  updateAgreementVersion,
} from './terms-store.ts';

type Tx = TenantTx<Context>;

/** Whoever wrote anything since what was last agreed has a hand in the draft: it needs somebody else's yes. */
function makersSince(versions: readonly AgreementVersion[]): Set<string> {
  const lastAgreed = Math.max(0, ...versions.flatMap(({ agreedAt, number }) => (agreedAt ? [number] : [])));
  return new Set(versions.flatMap(({ number, madeBy }) => (number > lastAgreed ? [madeBy] : [])));
}

async function openDraft(tx: Tx, id: string, ifMatch: number | undefined) {
  const agreement = await lockAgreement(tx, id, ifMatch);
  const versions = await findVersions(tx, [id]);
  const { current, draft } = versionsAt(versions);
  if (!draft) throw new Problem('state.conflict', { detail: `${agreement.code} has no draft to decide.` });
  return { agreement, versions, current, draft };
}

async function answer(tx: Tx, agreement: Agreement): Promise<AgreementJson> {
  const moved = { ...agreement, version: agreement.version + 1 };
  await updateAgreementVersion(tx, agreement.id, moved.version);
  return agreementJson(moved, await findVersions(tx, [agreement.id]));
}

/** The customer of an agreement and those below it that have terms of their own: there it meets what they add. */
async function customersBelow(tx: Tx, customerId: string): Promise<string[]> {
  const above = await customerAncestorsOfEach(tx, await customersWithTerms(tx));
  return [...above].flatMap(([id, line]) => (line.includes(customerId) ? [id] : []));
}

/** Days of a range on which something begins, or ended the day before, and its first. */
function turningDays(from: string, to: string, dated: readonly Pick<ScopedLine, 'validFrom' | 'validTo'>[]): string[] {
  const turns = dated.flatMap(({ validFrom, validTo }) => [validFrom, ...(validTo ? [addDays(validTo, 1)] : [])]);
  return [from, ...new Set(turns.filter((day) => from < day && day <= to))];
}

/**
 * Throws `rule.violated` where the terms that now hold take all of a list price, on the invoice or with what stands beside
 * it: nothing could be planned there. Asked of every day on which a price or a term begins or ends while the version holds,
 * at its customer and at those below that have terms of their own; days without a price are passed over.
 */
async function requirePriceLeft(
  tx: Tx,
  { customerId, productId }: Agreement,
  { validFrom, validTo }: AgreementVersion,
): Promise<void> {
  const to = validTo ?? endOfTime;
  const named = productId === null ? null : new Set(await productLeaves(tx, productId));
  const products = (await findProducts(tx, 'all')).filter(({ id, own }) => own && (named?.has(id) ?? true));
  const productIds = products.map(({ id }) => id);
  const customerIds = await customersBelow(tx, customerId);
  const history = await readProductHistory(tx, productIds);
  const book = await readTermLines(tx, { customerIds, productIds, from: validFrom, to });
  const linesOn = termsReader(book);
  for (const { id, code } of products) {
    for (const day of turningDays(validFrom, to, [...book.lines, ...history.priceDays(id)])) {
      const listPrice = history.listPriceOn(id, day);
      if (!listPrice) continue;
      for (const each of customerIds) requireLeft(linesOn(each, id, day), listPrice, `${code} on ${day}`);
    }
  }
}

function requireLeft(held: readonly ScopedLine[], listPrice: Money, what: string): void {
  const { invoicePrice, standing, lines } = caseTerms(held, toDecimal(listPrice), listPrice.currency);
  if (invoicePrice.gt(standing)) return;
  const codes = [...new Set(lines.map(({ line }) => `${line.agreementCode} ${line.code}`))].join(', ');
  throw new Problem('rule.violated', {
    detail: `With these terms nothing is left of the list price of ${what}, ${amountOf(listPrice)}: ${codes}.`,
  });
}

/** Where nothing else is said, terms hold for good. */
const endOfTime = '9999-12-31';

/**
 * Agrees to the draft of an agreement: it is in force from now on, and the version before it is closed. Throws
 * `approval.own_work` where the actor wrote any of it, `state.conflict` where there is no draft, `rule.violated` where it
 * leaves nothing of a list price.
 */
export async function agreeTerms(context: Context, id: string, ifMatch?: number): Promise<AgreementJson> {
  return context.db.transact(context, async (tx) => {
    const { agreement, versions, current, draft } = await openDraft(tx, id, ifMatch);
    await requireOtherHand(tx, makersSince(versions));
    if (current) await markSuperseded(tx, current.id);
    await markAgreed(tx, draft.id);
    await requirePriceLeft(tx, agreement, draft);
    const after = { code: agreement.code, versionId: draft.id, number: draft.number };
    await recordTermsChange(tx, 'agreed', { agreementId: id, before: current && { versionId: current.id }, after });
    return answer(tx, agreement);
  });
}

/** Declines the draft of an agreement; what was in force stays. Throws `state.conflict` where there is no draft. */
export async function declineTerms(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  reason: string,
): Promise<AgreementJson> {
  return context.db.transact(context, async (tx) => {
    const { agreement, draft } = await openDraft(tx, id, ifMatch);
    await markSuperseded(tx, draft.id);
    const after = { code: agreement.code, versionId: draft.id, number: draft.number };
    await recordTermsChange(tx, 'declined', { agreementId: id, after, reason });
    return answer(tx, agreement);
  });
}

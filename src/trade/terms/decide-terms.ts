import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findProducts, productLeaves } from '#master-data';
import { fromJson, toDecimal } from '#money';
import { Problem } from '#problem';
import { type AgreementJson, agreementJson, versionsAt } from './agreement-json.ts';
import { caseTerms } from './domain/case-terms.ts';
import { termsReader } from './domain/terms-book.ts';
import { lockAgreement } from './draft-terms.ts';
import { recordTermsChange } from './events.ts';
import { readTermLines } from './read-terms.ts';
import {
  type Agreement,
  type AgreementVersion,
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

/**
 * Throws `rule.violated` where the terms that now hold at the customer take all of a list price, on the invoice or with
 * what stands beside it: nothing could be planned there. Products without a price today are passed over.
 */
async function requirePriceLeft(tx: Tx, { customerId, productId }: Agreement, on: string): Promise<void> {
  const named = productId === null ? null : new Set(await productLeaves(tx, productId));
  const priced = (await findProducts(tx, 'all')).filter(
    ({ id, own, listPrice }) => own && listPrice && (named?.has(id) ?? true),
  );
  const productIds = priced.map(({ id }) => id);
  const linesOn = termsReader(await readTermLines(tx, { customerIds: [customerId], productIds, from: on, to: on }));
  for (const { id, code, listPrice } of priced) {
    const price = fromJson(listPrice!);
    const { invoicePrice, standing, lines } = caseTerms(linesOn(customerId, id, on), toDecimal(price), price.currency);
    if (invoicePrice.gt(standing)) continue;
    const codes = [...new Set(lines.map(({ line }) => `${line.agreementCode} ${line.code}`))].join(', ');
    throw new Problem('rule.violated', {
      detail: `With these terms nothing is left of the list price of ${code}, ${listPrice!.amount}: ${codes}.`,
    });
  }
}

/**
 * Agrees to the draft of an agreement: it is in force from now on, and the version before it is closed. Throws
 * `approval.own_work` where the actor wrote any of it, `state.conflict` where there is no draft, `rule.violated` where it
 * leaves nothing of a list price.
 */
export async function agreeTerms(context: Context, id: string, ifMatch?: number): Promise<AgreementJson> {
  return context.db.transact(context, async (tx) => {
    const { agreement, versions, current, draft } = await openDraft(tx, id, ifMatch);
    if (makersSince(versions).has(context.actor.id)) throw new Problem('approval.own_work');
    if (current) await markSuperseded(tx, current.id);
    await markAgreed(tx, draft.id);
    await requirePriceLeft(tx, agreement, draft.validFrom);
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

import { isDeepStrictEqual } from 'node:util';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers, findProducts, fxRate } from '#master-data';
import { notFound, Problem } from '#problem';
import { type AgreementJson, agreementJson, type LineJson, lineFrom, lineJson, versionsAt } from './agreement-json.ts';
import { lineFaults } from './domain/term-line.ts';
import type { TermsFx } from './domain/terms-fx.ts';
import { recordTermsChange } from './events.ts';
import {
  type Agreement,
  type AgreementVersion,
  findAgreements,
  findVersions,
  insertAgreement,
  insertVersion,
  markSuperseded,
  updateAgreementVersion,
} from './terms-store.ts';

type Tx = TenantTx<Context>;

/** What a version of terms says. */
export interface TermsContent {
  name: string;
  validFrom: string;
  /** Null: open end. */
  validTo: string | null;
  note: string;
  lines: LineJson[];
  /** The type of exchange rate of terms in another currency than their customer's, and its day (the first day where absent). */
  fx?: { type: string; on?: string | null | undefined } | null | undefined;
}

/** What drafting a new agreement takes. */
export interface NewAgreement extends TermsContent {
  code: string;
  customerId: string;
  productId: string | null;
  currency: string;
}

/** What is wrong with a version by itself, with the path of each fault. */
function contentFaults({ validFrom, validTo, lines }: TermsContent): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  if (validTo !== null && validTo < validFrom) faults.push({ path: 'validTo', message: 'is before validFrom' });
  if (lines.length === 0) faults.push({ path: 'lines', message: 'an agreement needs a line' });
  const codes = lines.map(({ code }) => code);
  lines.forEach((line, i) => {
    if (codes.indexOf(line.code) < i) faults.push({ path: `lines.${i}.code`, message: 'is there twice' });
    for (const message of lineFaults(lineFrom(line))) faults.push({ path: `lines.${i}`, message });
  });
  return faults;
}

/** Throws `rule.violated` naming every fault of a version. */
function requireSound(content: TermsContent): void {
  const errors = contentFaults(content);
  if (errors.length === 0) return;
  throw new Problem('rule.violated', { detail: errors.map(({ message }) => message).join('; '), errors });
}

const contentOf = ({ name, validFrom, validTo, note, lines, fx }: AgreementVersion): TermsContent => ({
  ...{ name, validFrom, validTo, note, lines: lines.map(lineJson), fx: fx && { type: fx.type, on: fx.on } },
});

/** The exchange rate that terms in another currency than their customer's name. Throws `money.currency_mismatch`, `fx.rate_missing`. */
async function appliedFx(
  tx: Tx,
  { customerId, currency }: Pick<Agreement, 'customerId' | 'currency'>,
  { fx, validFrom }: Pick<TermsContent, 'fx' | 'validFrom'>,
): Promise<TermsFx | null> {
  const [customer] = await findCustomers(tx, { ids: [customerId] });
  if (!customer) notFound('customer', customerId);
  if (customer.currency === currency) return null;
  if (!fx) {
    throw new Problem('money.currency_mismatch', {
      detail: `${customer.name} trades in ${customer.currency}, the terms are in ${currency}: name the type of exchange rate (fx.type).`,
    });
  }
  const question = { type: fx.type, from: currency, to: customer.currency, on: fx.on ?? validFrom };
  const { id: rateId, ...found } = await fxRate(tx, question);
  return { ...found, rateId };
}

/**
 * Drafts a new agreement inside the running transaction. Throws `code.taken`, `rule.violated`, `not_found`, and
 * `money.currency_mismatch`, `fx.rate_missing` where it is not in its customer's currency and no rate converts it.
 */
export async function draftAgreementIn(tx: Tx, input: NewAgreement): Promise<AgreementJson> {
  requireSound(input);
  if (input.productId && (await findProducts(tx, { ids: [input.productId] })).length === 0)
    notFound('product', input.productId);
  const fx = await appliedFx(tx, input, input);
  const { code, customerId, productId, currency, ...content } = input;
  const agreement: Agreement = { id: tx.context.newId(), code, customerId, productId, currency, version: 1 };
  if (!(await insertAgreement(tx, agreement))) {
    throw new Problem('code.taken', { detail: `There is an agreement ${code} already.` });
  }
  return storeDraft(tx, agreement, 1, { content, fx });
}

async function storeDraft(
  tx: Tx,
  agreement: Agreement,
  number: number,
  { content, fx }: { content: TermsContent; fx: TermsFx | null },
  before?: TermsContent,
) {
  const id = tx.context.newId();
  const lines = content.lines.map(lineFrom);
  await insertVersion(tx, { ...content, id, agreementId: agreement.id, number, lines, fx });
  await recordTermsChange(tx, 'drafted', {
    ...{ agreementId: agreement.id, before },
    after: { code: agreement.code, versionId: id, number, ...content, fx },
  });
  return agreementJson(agreement, await findVersions(tx, [agreement.id]));
}

/**
 * Drafts the next version of a locked agreement in the place of an open draft; what is in force stays so until somebody
 * else agrees. Null where the newest version says the same already.
 */
export async function draftVersionIn(
  tx: Tx,
  agreement: Agreement,
  change: Partial<TermsContent>,
): Promise<AgreementJson | null> {
  const versions = await findVersions(tx, [agreement.id]);
  const { current, draft } = versionsAt(versions);
  const last = draft ?? current ?? versions[0]!;
  const before = contentOf(last);
  // As stored: 1.50 is 1.5.
  const lines = change.lines?.map((line) => lineJson(lineFrom(line))) ?? before.lines;
  const content: TermsContent = { ...before, ...change, lines };
  const fx = await appliedFx(tx, agreement, content);
  const same = isDeepStrictEqual({ ...content, fx }, { ...before, fx: last.fx });
  if (last === (draft ?? current) && same) return null;
  requireSound(content);
  if (draft) await markSuperseded(tx, draft.id);
  const moved = { ...agreement, version: agreement.version + 1 };
  await updateAgreementVersion(tx, agreement.id, moved.version);
  return storeDraft(tx, moved, versions[0]!.number + 1, { content, fx }, before);
}

/** Locks an agreement by id; throws `not_found`, and `version.conflict` where it is not at `ifMatch`. */
export async function lockAgreement(tx: Tx, id: string, ifMatch?: number): Promise<Agreement> {
  const [agreement] = await findAgreements(tx, { ids: [id] }, true);
  if (!agreement) notFound('agreement', id);
  if (ifMatch !== undefined && ifMatch !== agreement.version) throw new Problem('version.conflict');
  return agreement;
}

/** Drafts a new agreement: it counts for nothing until somebody else agrees. */
export async function draftAgreement(context: Context, input: NewAgreement): Promise<AgreementJson> {
  return context.db.transact(context, (tx) => draftAgreementIn(tx, input));
}

/** Drafts a change of an agreement as its next version. Throws `rule.violated` where nothing changes. */
export async function draftChange(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  change: Partial<TermsContent>,
): Promise<AgreementJson> {
  return context.db.transact(context, async (tx) => {
    const drafted = await draftVersionIn(tx, await lockAgreement(tx, id, ifMatch), change);
    if (!drafted) throw new Problem('rule.violated', { detail: 'The agreement says the same already.' });
    return drafted;
  });
}

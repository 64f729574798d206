import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { allFunds, readCheckbooks } from '#funds';
import { allPrices, findCustomers, findProducts } from '#master-data';
import { amountOf } from '#money';
import { countSalesPrices, readSalesFacts, readShipmentFacts } from '#performance';
import { allPromotions, fundCell, tacticCells } from '#promotions';
import { recordRead } from '#security';
import { readAllAgreements } from '#terms';
import { type CsvRow, csvChunks } from './export-csv.ts';
import { importKinds } from './imports.ts';

type Tx = TenantTx<Context>;

/** What is to be written. */
interface Content {
  rows: AsyncIterable<CsvRow> | Iterable<CsvRow>;
  /** Columns of the import that the export does without: nothing is known for them, or they hold as they stand. */
  without?: readonly string[];
  /** What the reader should know. */
  notes?: readonly string[];
}

const byCode = <T extends { code: string }>(records: readonly T[]): T[] =>
  [...records].sort((a, b) => (a.code < b.code ? -1 : 1));

const bit = (value: boolean): string => (value ? '1' : '0');

type Code = (id: string) => string;

async function codes(tx: Tx): Promise<{ customer: Code; product: Code }> {
  const lookUp = (records: readonly { id: string; code: string }[], what: string): Code => {
    const known = new Map(records.map(({ id, code }) => [id, code]));
    return (id) => {
      const code = known.get(id);
      if (code === undefined) throw new Error(`there is no ${what} ${id}`);
      return code;
    };
  };
  return {
    customer: lookUp(await findCustomers(tx, 'all'), 'customer'),
    product: lookUp(await findProducts(tx, 'all'), 'product'),
  };
}

async function customers(tx: Tx): Promise<Content> {
  const all = await findCustomers(tx, 'all');
  const { customer } = await codes(tx);
  const rows = byCode(all).map(({ code, name, parentId, type, channel, currency }) => ({
    ...{ code, name, type, channel, currency, parent_code: parentId && customer(parentId) },
  }));
  return { rows };
}

async function products(tx: Tx): Promise<Content> {
  const all = await findProducts(tx, 'all');
  const { product } = await codes(tx);
  const rows = byCode(all).map(({ code, name, parentId, level, own, unitsPerCase, listPrice, cost }) => ({
    ...{ code, name, level, own: bit(own), parent_code: parentId && product(parentId) },
    ...{
      units_per_case: unitsPerCase,
      list_price: listPrice?.amount,
      cost: cost?.amount,
      currency: listPrice?.currency,
    },
  }));
  return { rows };
}

async function prices(tx: Tx): Promise<Content> {
  const rows = (await allPrices(tx)).map(({ productCode, listPrice, cost, validFrom, validTo }) => ({
    ...{ product_code: productCode, list_price: listPrice.amount, cost: cost.amount, currency: listPrice.currency },
    ...{ valid_from: validFrom, valid_to: validTo },
  }));
  return { rows };
}

async function funds(tx: Tx): Promise<Content> {
  const all = await allFunds(tx);
  const { customer, product } = await codes(tx);
  const ids = all.map(({ id }) => id);
  const books = await readCheckbooks(tx, ids);
  const rows = all.map(({ id, code, name, kind, currency, validFrom, validTo, customerId, productId }) => {
    const book = books.get(id);
    return {
      ...{ code, name, kind, currency, amount: book && amountOf(book.budgeted) },
      ...{ valid_from: validFrom, valid_to: validTo },
      ...{ customer_code: customerId && customer(customerId), product_code: productId && product(productId) },
    };
  });
  return { rows, notes: ['amount is what was paid into the fund in all; an import deposits it at once.'] };
}

async function terms(tx: Tx): Promise<Content> {
  const all = await readAllAgreements(tx);
  const { customer, product } = await codes(tx);
  const said = all.flatMap((one) =>
    (one.current ?? one.draft) ? [{ ...one, version: (one.current ?? one.draft)! }] : [],
  );
  const rows = said.flatMap(({ code, customerId, productId, currency, version }) =>
    version.lines.map((line) => ({
      ...{
        code,
        name: version.name,
        customer_code: customer(customerId),
        product_code: productId && product(productId),
      },
      ...{ fx_type: version.fx?.type, fx_on: version.fx?.on },
      ...{ currency, valid_from: version.validFrom, valid_to: version.validTo, line_code: line.code, kind: line.kind },
      ...{ basis: line.basis, rate: line.rate, condition: line.condition, payment: line.payment },
      tiers: line.tiers?.steps.map(({ from, rate }) => `${from}:${rate}`).join('|'),
      ...{ tier_method: line.tiers?.method, tier_measure: line.tiers?.measure },
    })),
  );
  return { rows, notes: ['An import brings terms in as drafts: somebody else agrees to them.'] };
}

const over = new Set(['ended', 'in_settlement', 'closed']);
const fallen = new Set(['cancelled', 'rejected']);

async function promotions(tx: Tx): Promise<Content> {
  const all = await allPromotions(tx);
  const { customer, product } = await codes(tx);
  const fundCode = new Map((await allFunds(tx)).map(({ id, code }) => [id, code]));
  const kept = all.filter(({ state }) => !fallen.has(state));
  const rows = kept.flatMap((one) =>
    one.tactics.map((tactic) => ({
      ...{ code: one.code, name: one.name, customer_code: customer(one.customerId) },
      ...{
        starts_on: one.startsOn,
        ends_on: one.endsOn,
        ship_starts_on: one.shipStartsOn,
        ship_ends_on: one.shipEndsOn,
      },
      ...{ mechanic: tactic.mechanic, product_codes: tactic.productIds.map(product).join('|') },
      ...{ ...tacticCells(tactic, one.currency), state: over.has(one.state) ? 'ended' : 'draft' },
      fund_code: fundCell(tactic.fundSplit, (id) => fundCode.get(id) ?? ''),
    })),
  );
  const left = all.length - kept.length;
  const notes = ['What is under approval, approved or active is written as a draft: approvals are not handed on.'];
  return { rows, notes: left > 0 ? [...notes, `${left} cancelled or rejected promotions are left out.`] : notes };
}

async function sales(tx: Tx): Promise<Content> {
  const { customer, product } = await codes(tx);
  const { facts, priced, basePriced } = await countSalesPrices(tx);
  const bare = Math.max(priced === 0 ? 0 : facts - priced, basePriced === 0 ? 0 : facts - basePriced);
  async function* rows(): AsyncGenerator<CsvRow> {
    for await (const fact of readSalesFacts(tx)) {
      yield {
        ...{ customer_code: customer(fact.customerId), product_code: product(fact.productId) },
        ...{ period_start: fact.periodStart, units: fact.units, revenue: fact.revenue },
        ...{ price: fact.price, base_price: fact.basePrice, source: fact.source },
        ...{ feature: bit(fact.feature), display: bit(fact.display), tpr: bit(fact.priceReduction) },
      };
    }
  }
  return {
    rows: rows(),
    without: ['unit', ...(priced === 0 ? ['price'] : []), ...(basePriced === 0 ? ['base_price'] : [])],
    notes: bare > 0 ? [`${bare} facts lack a price: an import puts them in quarantine.`] : [],
  };
}

async function shipments(tx: Tx): Promise<Content> {
  const { customer, product } = await codes(tx);
  async function* rows(): AsyncGenerator<CsvRow> {
    for await (const { customerId, productId, periodStart, cases, revenue, source } of readShipmentFacts(tx)) {
      const named = { customer_code: customer(customerId), product_code: product(productId) };
      yield { ...named, period_start: periodStart, cases, revenue, source };
    }
  }
  return { rows: rows(), without: ['unit'] };
}

const contents = { customers, products, prices, funds, terms, promotions, sales, shipments };

/** A kind of export; each has the columns of the import of the same name. */
export type ExportKind = keyof typeof contents;
/** Every kind of export. */
export const exportKinds = Object.keys(contents) as ExportKind[];

/** What was written. */
export interface ExportResult {
  kind: ExportKind;
  columns: string[];
  rows: number;
  notes: readonly string[];
}

/**
 * Writes the tenant's records of a kind as CSV into a new file, as of one moment. The audit entry `data.exported` is
 * written in the transaction that reads: nothing leaves without it.
 */
export async function exportData(context: Context, kind: ExportKind, path: string): Promise<ExportResult> {
  const names = importKinds.find((known) => known.kind === kind)?.columns.map(({ name }) => name) ?? [];
  return context.db.transact(context, async (tx) => {
    const { rows, without = [], notes = [] } = await contents[kind](tx);
    const columns = names.filter((name) => !without.includes(name));
    let counted = 0;
    const text = csvChunks(columns, rows, (count) => {
      counted = count;
    });
    await pipeline(Readable.from(text), createWriteStream(path, { mode: 0o600 }));
    const by = context.actor.kind === 'system' ? 'console' : context.actor.name;
    await recordRead(tx, { what: kind, rows: counted, detail: { by } });
    return { kind, columns, rows: counted, notes };
  });
}

import type { Figure } from '#figure';
import { amountOf, compare, Decimal, type Money, roundToMoney, toDecimal, toJson } from '#money';
import { formulaVersion } from './event-figure.ts';
import type { ShelfPrice } from './event-spend.ts';
import type { EventProduct } from './event-tactic.ts';

/** The retailer's gross margin on the event's products in its weeks, money and share of shelf sales. */
export interface RetailerMargin {
  marginBefore: Money;
  marginAfter: Money;
  /** Margin / shelf sales; null without sales. */
  percentBefore: string | null;
  percentAfter: string | null;
  note: string;
  figures: Record<'marginBefore' | 'marginAfter' | 'percentBefore' | 'percentAfter', Figure>;
}

/** What a retailer takes and pays over the event's weeks, in major units, exact. */
interface Trading {
  sales: Decimal;
  paid: Decimal;
  funded: Decimal;
}

const none: Trading = { sales: new Decimal(0), paid: new Decimal(0), funded: new Decimal(0) };

function traded(total: Trading, units: Decimal, of: { price: Decimal; cost: Decimal; funded: Decimal }): Trading {
  return {
    sales: total.sales.plus(of.price.times(units)),
    paid: total.paid.plus(of.cost.times(units)),
    funded: total.funded.plus(of.funded.times(units)),
  };
}

const note = 'Lump sums paid to the retailer are not counted.';

/** A margin in money and as a share, with what it was made from. */
function marginOf({ sales, paid, funded }: Trading, currency: string, event: boolean) {
  const exact = sales.minus(paid).plus(funded);
  const margin = roundToMoney(exact, currency);
  const percent = sales.gt(0) ? exact.div(sales).toFixed(4) : null;
  const units = event ? 'predicted units' : 'baseline units';
  const input = (name: string, value: Decimal, source: string) => ({
    ...{ name, value: amountOf(roundToMoney(value, currency)), source },
  });
  const common = {
    formulaVersion,
    inputs: [
      input('shelf sales', sales, `${event ? 'shelf price of the event' : 'base price'} × ${units}`),
      input('paid to us', paid, `(list − on-invoice − standing terms) per unit × ${units}`),
      ...(event ? [input('funded rates', funded, `rates of the tactics per unit × ${units}`)] : []),
    ],
  };
  const formula = `shelf sales − paid to us${event ? ' + funded rates' : ''}`;
  const money: Figure = { value: toJson(margin), unit: 'money', formula, ...common };
  const share: Figure = { value: percent, unit: 'ratio', formula: `(${formula}) / shelf sales`, ...common };
  return { margin, percent, money, share };
}

/**
 * The retailer's margin before (baseline units at the base price) and during the event (units at the shelf price): shelf
 * price less the invoice price and standing terms, plus the funded rate. Lump sums are left out and said so.
 */
export function retailerMargin(
  products: readonly { product: EventProduct; shelf: ShelfPrice }[],
  currency: string,
): RetailerMargin {
  let [without, during] = [none, none];
  for (const { product, shelf } of products) {
    const { listPrice, onInvoiceTerms, standingTerms, unitsPerCase } = product;
    const terms = [onInvoiceTerms, standingTerms].flatMap((term) => (term ? [toDecimal(term)] : []));
    const cost = toDecimal(listPrice)
      .minus(Decimal.sum(0, ...terms))
      .div(unitsPerCase);
    without = traded(without, product.baselineUnits, { price: shelf.basePrice, cost, funded: new Decimal(0) });
    during = traded(during, product.units, { price: shelf.shelfPrice, cost, funded: shelf.fundedPerUnit });
  }
  const [before, after] = [marginOf(without, currency, false), marginOf(during, currency, true)];
  const worse = compare(after.margin, before.margin) < 0 ? 'The retailer earns less than without the event. ' : '';
  return {
    ...{ marginBefore: before.margin, marginAfter: after.margin },
    ...{ percentBefore: before.percent, percentAfter: after.percent },
    note: `${worse}${note}`,
    figures: {
      ...{ marginBefore: before.money, marginAfter: after.money },
      ...{ percentBefore: before.share, percentAfter: after.share },
    },
  };
}

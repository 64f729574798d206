import type { Fund } from './fund.ts';

/** What a tactic needs its fund to cover. */
export interface TacticCoverage {
  currency: string;
  /** The tactic's first and last day. */
  startsOn: string;
  endsOn: string;
  /** The customer and everything above it. */
  customerLine: ReadonlySet<string>;
  /** Each product and everything above it. */
  productLines: readonly (readonly string[])[];
}

/** Why a fund cannot pay for a tactic: everything of it that lies outside the fund; empty where it covers it. */
export function outsideFund(fund: Fund, tactic: TacticCoverage): string[] {
  const { code, currency, customerId, productId, validFrom, validTo } = fund;
  const outside = productId ? tactic.productLines.filter((line) => !line.includes(productId)).length : 0;
  return [
    ...(currency === tactic.currency ? [] : [`${code} is kept in ${currency}, the promotion in ${tactic.currency}.`]),
    ...(validFrom <= tactic.startsOn && tactic.endsOn <= validTo
      ? []
      : [`${code} is valid from ${validFrom} to ${validTo}, the tactic from ${tactic.startsOn} to ${tactic.endsOn}.`]),
    ...(customerId && !tactic.customerLine.has(customerId) ? [`${code} does not cover this customer.`] : []),
    ...(outside > 0
      ? [`${code} does not cover ${outside} of the ${tactic.productLines.length} products of the tactic.`]
      : []),
  ];
}

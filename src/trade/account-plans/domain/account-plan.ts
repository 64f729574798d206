import { currencyDigits, Decimal, moneyFromNumeric } from '#money';
import { rateScale } from './grid-inputs.ts';

/** What a plan may aim at, per fiscal period: cases, and money in major units of the plan's currency. */
export const targetLines = ['volume', 'grossSales', 'tradeSpend', 'contribution'] as const;
export type TargetLine = (typeof targetLines)[number];

/** Targets of one fiscal period; decimal strings, absent where none was set. */
export interface PeriodTarget {
  /** Number of the fiscal period in its year. */
  period: number;
  volume?: string | undefined;
  grossSales?: string | undefined;
  tradeSpend?: string | undefined;
  contribution?: string | undefined;
}

/** A baseline moved by so many percent of what it was (`"-5"`): of an account and a product of the plan, or of all. */
export interface BaselineChange {
  accountId: string | null;
  productId: string | null;
  percent: string;
}

/** What somebody states about a plan: everything that a calculation does not find out. */
export interface PlanTerms {
  targets: PeriodTarget[];
  baselineChanges: BaselineChange[];
}

/** The plan of a customer for a fiscal year. */
export interface AccountPlan extends PlanTerms {
  id: string;
  name: string;
  customerId: string;
  fiscalYear: number;
  currency: string;
  version: number;
  /** Number of its latest snapshot; null until it was calculated. */
  snapshot: number | null;
  /** Why the latest calculation was refused; null where it was not. */
  refusal: string | null;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A target in minor units, or in thousandths of a case. Throws `request.malformed` for more digits than it can have. */
export function targetAmount(line: TargetLine, text: string, currency: string): bigint {
  if (line === 'volume') return BigInt(new Decimal(text).times(1000).toDecimalPlaces(0).toFixed(0));
  return moneyFromNumeric(text, currency).minor;
}

/** Ten-thousandths of a minor unit in an amount of major units, rounded half up: how a plan keeps terms per case. */
export function rateOfAmount(amount: Decimal, currency: string): number {
  return amount
    .times(new Decimal(10).pow(currencyDigits(currency)))
    .times(rateScale)
    .toDecimalPlaces(0)
    .toNumber();
}

/** Thousandths of a case in a volume of units. */
export function milliOf(units: Decimal | string, unitsPerCase: Decimal): number {
  return new Decimal(units).times(1000).div(unitsPerCase).toDecimalPlaces(0).toNumber();
}

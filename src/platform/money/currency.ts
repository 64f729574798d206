import { Problem } from '#problem';

/** Minor-unit digits of ISO 4217 currencies that do not have two. */
const unusualDigits: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};
const known = new Set(Intl.supportedValuesOf('currency'));

/** Whether `code` is an ISO 4217 currency code. */
export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** Minor-unit digits of an ISO 4217 currency: USD 2, JPY 0, KWD 3. Throws `request.malformed` for anything else. */
export function currencyDigits(code: string): number {
  if (!known.has(code)) throw new Problem('request.malformed', { detail: `${code} is not an ISO 4217 currency.` });
  return unusualDigits[code] ?? 2;
}

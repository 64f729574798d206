/** Ranges of issuer identification numbers (ISO/IEC 7812-1), as the schemes publish them: first digits, lengths. */
const ranges: readonly { from: string; to: string; lengths: readonly number[] }[] = [
  // Visa; 13 digits went out of issue, and 13 digits are also a GTIN: see `needsWords`.
  { from: '4', to: '4', lengths: [13, 16, 19] },
  // Mastercard
  { from: '51', to: '55', lengths: [16] },
  { from: '2221', to: '2720', lengths: [16] },
  // American Express
  { from: '34', to: '34', lengths: [15] },
  { from: '37', to: '37', lengths: [15] },
  // Discover and partners
  { from: '6011', to: '6011', lengths: [16, 17, 18, 19] },
  { from: '644', to: '659', lengths: [16, 17, 18, 19] },
  // Diners Club
  { from: '300', to: '305', lengths: [14, 15, 16, 17, 18, 19] },
  { from: '3095', to: '3095', lengths: [14, 15, 16, 17, 18, 19] },
  { from: '36', to: '36', lengths: [14, 15, 16, 17, 18, 19] },
  { from: '38', to: '39', lengths: [14, 15, 16, 17, 18, 19] },
  // JCB
  { from: '3528', to: '3589', lengths: [16, 17, 18, 19] },
  // UnionPay, RuPay
  { from: '62', to: '62', lengths: [16, 17, 18, 19] },
  { from: '81', to: '82', lengths: [16, 17, 18, 19] },
  { from: '60', to: '60', lengths: [16] },
  { from: '508', to: '508', lengths: [16] },
  // Maestro
  { from: '5018', to: '5018', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: '5020', to: '5020', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: '5038', to: '5038', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: '5893', to: '5893', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: '6304', to: '6304', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: '6759', to: '6763', lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  // Mir, Troy, Verve
  { from: '2200', to: '2204', lengths: [16, 17, 18, 19] },
  { from: '9792', to: '9792', lengths: [16] },
  { from: '506099', to: '506198', lengths: [16, 18, 19] },
];

/** Whether the digits begin and end as a scheme's numbers do: issuer range, length, check digit (Luhn, ISO/IEC 7812-1 annex B). */
export function isCardNumber(digits: string): boolean {
  return ranges.some((range) => inRange(digits, range)) && luhnHolds(digits);
}

function inRange(digits: string, { from, to, lengths }: (typeof ranges)[number]): boolean {
  if (!lengths.includes(digits.length)) return false;
  const first = digits.slice(0, from.length);
  return first >= from && first <= to;
}

function luhnHolds(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Whether the digits are a number of the trade itself: GTIN-12, -13, -14 or SSCC by length and check digit (GS1 General Specifications § 7.9). */
export function isTradeNumber(digits: string): boolean {
  if (![12, 13, 14, 18].includes(digits.length)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    sum += (digits.charCodeAt(digits.length - 1 - i) - 48) * (i % 2 === 1 ? 3 : 1);
  }
  return sum % 10 === 0;
}

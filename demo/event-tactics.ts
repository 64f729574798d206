import type { Slot } from './event-slots.ts';
import type { DemoPrice, DemoProduct, DemoTactic } from './maker.ts';
import type { RandomStream } from './random.ts';

/** Money per case or unit that tactics are sized by, cents. */
export interface EventMoney {
  shelfMinor: number;
  listMinor: number;
  marginMinor: number;
  unitsPerCase: number;
}

/** The price tactic: a rate that funds a shelf price cut of 5-30 %, or none for a pure feature or display. */
function drawPriceTactic(random: RandomStream, money: EventMoney): DemoTactic | null {
  const kind = random.uniform();
  if (kind < 0.1) return null;
  const cutMinor = money.shelfMinor * random.pick([0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25]);
  const passThrough = random.pick([0.7, 0.8, 0.9, 1, 1, 1]);
  const perUnitMinor = Math.max(5, Math.round(cutMinor / passThrough / 5) * 5);
  const perCase = { value: perUnitMinor * money.unitsPerCase, per: 'case' as const };
  const tactic = { lumpSumMinor: null, passThrough, feature: false, display: false };
  if (kind < 0.45) return { mechanic: 'scan_back', rate: { value: perUnitMinor, per: 'unit' }, ...tactic };
  if (kind < 0.65) return { mechanic: 'bill_back', rate: perCase, ...tactic };
  if (kind < 0.75) return { mechanic: 'off_invoice', rate: perCase, ...tactic };
  if (kind < 0.85) {
    const percent = Math.max(2, Math.round((100 * perUnitMinor * money.unitsPerCase) / money.listMinor));
    return { mechanic: 'off_invoice', rate: { value: percent, per: 'percent' }, ...tactic };
  }
  return { mechanic: 'temporary_price_reduction', rate: { value: perUnitMinor, per: 'unit' }, ...tactic };
}

/** A lump sum for a feature or display: per account, by the size of the event. */
function lumpSum(
  random: RandomStream,
  mechanic: 'feature' | 'display',
  slot: Slot,
  skus: number,
  money: EventMoney,
): DemoTactic {
  const weeks = slot.lastWeek - slot.firstWeek + 1;
  const scaleMinor = slot.accounts.length * skus * weeks * money.marginMinor * 300;
  const lumpSumMinor = Math.max(25_000, Math.round((scaleMinor * random.between(0.03, 0.18)) / 25_000) * 25_000);
  return {
    mechanic,
    rate: null,
    lumpSumMinor,
    passThrough: null,
    feature: mechanic === 'feature',
    display: mechanic === 'display',
  };
}

/** Draws an event's tactics: a price tactic, and feature and display with or without it. */
export function drawTactics(random: RandomStream, slot: Slot, skus: number, money: EventMoney): DemoTactic[] {
  const price = drawPriceTactic(random, money);
  const tactics = price ? [price] : [];
  const quiet = price?.mechanic === 'temporary_price_reduction';
  if (!quiet && random.chance(0.5)) tactics.push(lumpSum(random, 'feature', slot, skus, money));
  if (!quiet && random.chance(0.45)) tactics.push(lumpSum(random, 'display', slot, skus, money));
  if (tactics.length === 0) tactics.push(lumpSum(random, 'feature', slot, skus, money));
  return tactics;
}

/** Cents off the shelf price of one unit: funded rate × pass-through. */
export function shelfCutMinor(tactics: readonly DemoTactic[], product: DemoProduct, price: DemoPrice): number {
  let cutMinor = 0;
  for (const { rate, passThrough } of tactics) {
    if (!rate) continue;
    const perUnitMinor =
      rate.per === 'unit'
        ? rate.value
        : (rate.per === 'case' ? rate.value : (rate.value / 100) * price.listPriceMinor) / product.unitsPerCase!;
    cutMinor += perUnitMinor * (passThrough ?? 1);
  }
  return Math.round(cutMinor);
}

import { accountsBelow } from './customers.ts';
import type { DemoCustomer, DemoProduct, FamilyResponse, ResponseTruth } from './maker.ts';
import { createRandom, type RandomStream } from './random.ts';

const WEEKS_IN_LONGEST_YEAR = 53;

/** Two harmonics of the fiscal year and three one-to-two-week holiday peaks, scaled to a mean of 1. */
function seasonalCurve(random: RandomStream): Float64Array {
  const waves = [1, 2].map((cycles) => ({
    cycles,
    amplitude: random.between(0.08, 0.2) / cycles,
    phase: random.between(0, 2 * Math.PI),
  }));
  const peaks = [
    { week: 22, height: random.between(0.04, 0.16) },
    { week: 47, height: random.between(0.06, 0.2) },
    { week: 51, height: random.between(0.1, 0.25) },
  ];
  const curve = Float64Array.from({ length: WEEKS_IN_LONGEST_YEAR }, (_, i) => {
    const wave = waves.reduce((sum, w) => sum + w.amplitude * Math.cos((2 * Math.PI * w.cycles * i) / 52 + w.phase), 0);
    const peak = peaks.reduce((sum, p) => sum + p.height * Math.exp(-((i + 1 - p.week) ** 2) / 1.5), 0);
    return Math.exp(wave + peak);
  });
  const mean = curve.reduce((sum, x) => sum + x, 0) / curve.length;
  return curve.map((x) => x / mean);
}

function familyResponse(random: RandomStream): FamilyResponse {
  return {
    elasticity: -random.between(1.6, 2.9),
    featureMultiplier: random.between(1.3, 1.7),
    displayMultiplier: random.between(1.15, 1.45),
    pantryShare: random.between(0.08, 0.26),
    cannibalisationShare: random.between(0.05, 0.18),
    competitorShare: random.between(0.1, 0.25),
  };
}

/** Draws the true response of every category, family and account. */
export function drawResponse(
  seed: number,
  customers: readonly DemoCustomer[],
  products: readonly DemoProduct[],
): ResponseTruth {
  const categories = products.filter((p) => p.level === 'category').map((p) => p.code);
  const families = products.filter((p) => p.level === 'family').map((p) => p.code);
  const accounts = customers.filter((c) => c.parentCode === null).flatMap((c) => accountsBelow(customers, c.code));
  const random = createRandom(seed, 'response');
  return {
    seasonality: new Map(categories.map((code) => [code, seasonalCurve(random)])),
    trend: new Map(categories.map((code) => [code, random.between(-0.04, 0.06)])),
    family: new Map(families.map((code) => [code, familyResponse(random)])),
    accountSensitivity: new Map(accounts.map((code) => [code, Math.exp(0.12 * random.normal())])),
    basePriceElasticity: -0.8,
    dipWeights: [0.4, 0.3, 0.2, 0.1],
  };
}

/** Feature and display together do a little more than the product of both. */
const FEATURE_WITH_DISPLAY = 1.08;

/** Units multiple of a shelf price cut with or without feature and display. */
export function promotionMultiplier(
  response: FamilyResponse,
  sensitivity: number,
  shelf: { priceMinor: number; basePriceMinor: number; feature: boolean; display: boolean },
): number {
  let multiple = (shelf.priceMinor / shelf.basePriceMinor) ** (response.elasticity * sensitivity);
  if (shelf.feature) multiple *= response.featureMultiplier;
  if (shelf.display) multiple *= response.displayMultiplier;
  if (shelf.feature && shelf.display) multiple *= FEATURE_WITH_DISPLAY;
  return multiple;
}

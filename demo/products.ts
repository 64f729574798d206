import { addDays } from './fiscal-weeks.ts';
import type { DemoPrice, DemoProduct } from './maker.ts';
import { createRandom } from './random.ts';

interface Brand {
  code: string;
  name: string;
  own: boolean;
  unitsPerCase: number;
  /** Regular shelf price of a unit, cents. */
  shelfMinor: number;
  families: { code: string; name: string; skus: string[] }[];
}

/** Invented: 3 categories, 6 own brands with 42 SKUs, 3 competitors' brands with 18 SKUs. */
const CATEGORIES: readonly { code: string; name: string; brands: Brand[] }[] = [
  {
    code: 'BAR',
    name: 'Snack bars',
    brands: [
      {
        ...{ code: 'OAT-RIDGE', name: 'Oat Ridge', own: true, unitsPerCase: 12, shelfMinor: 429 },
        families: [
          { code: 'CHEWY', name: 'Chewy', skus: ['Honey', 'Cocoa', 'Berry', 'Peanut'] },
          { code: 'CRUNCH', name: 'Crunchy', skus: ['Maple', 'Almond', 'Apple'] },
        ],
      },
      {
        ...{ code: 'TRAILKIN', name: 'Trailkin', own: true, unitsPerCase: 10, shelfMinor: 599 },
        families: [
          { code: 'PROTEIN', name: 'Protein', skus: ['Chocolate', 'Vanilla', 'Caramel', 'Mint'] },
          { code: 'FRUIT', name: 'Fruit & Nut', skus: ['Cherry', 'Apricot', 'Date'] },
        ],
      },
      {
        ...{ code: 'GOODFELL', name: 'Goodfell', own: false, unitsPerCase: 12, shelfMinor: 449 },
        families: [
          { code: 'BAKED', name: 'Baked', skus: ['Oat', 'Honey', 'Cocoa'] },
          { code: 'LAYERED', name: 'Layered', skus: ['Fudge', 'Berry', 'Nut'] },
        ],
      },
    ],
  },
  {
    code: 'CRK',
    name: 'Crackers',
    brands: [
      {
        ...{ code: 'MILLWRIGHT', name: 'Millwright', own: true, unitsPerCase: 12, shelfMinor: 379 },
        families: [
          { code: 'CLASSIC', name: 'Classic', skus: ['Sea Salt', 'Butter', 'Wheat', 'Rosemary'] },
          { code: 'THINS', name: 'Thins', skus: ['Cheddar', 'Pepper', 'Sesame'] },
        ],
      },
      {
        ...{ code: 'SUNDRY-BOX', name: 'Sundry Box', own: true, unitsPerCase: 8, shelfMinor: 499 },
        families: [
          { code: 'SEEDED', name: 'Seeded', skus: ['Chia', 'Flax', 'Pumpkin', 'Sunflower'] },
          { code: 'BITES', name: 'Bites', skus: ['Gouda', 'Jalapeno', 'Garlic'] },
        ],
      },
      {
        ...{ code: 'PARLOR', name: 'Parlor', own: false, unitsPerCase: 12, shelfMinor: 399 },
        families: [
          { code: 'ROUNDS', name: 'Rounds', skus: ['Original', 'Onion', 'Cheese'] },
          { code: 'STICKS', name: 'Sticks', skus: ['Salted', 'Sesame', 'Spicy'] },
        ],
      },
    ],
  },
  {
    code: 'JCE',
    name: 'Fruit juice',
    brands: [
      {
        ...{ code: 'ORCHARD-LANE', name: 'Orchard Lane', own: true, unitsPerCase: 6, shelfMinor: 469 },
        families: [
          { code: 'PRESSED', name: 'Pressed', skus: ['Apple', 'Pear', 'Grape', 'Plum'] },
          { code: 'BLENDS', name: 'Blends', skus: ['Tropical', 'Citrus', 'Garden'] },
        ],
      },
      {
        ...{ code: 'ZESTWELL', name: 'Zestwell', own: true, unitsPerCase: 8, shelfMinor: 349 },
        families: [
          { code: 'KIDS', name: 'Kids', skus: ['Apple', 'Orange', 'Punch', 'Berry'] },
          { code: 'SPARKLE', name: 'Sparkling', skus: ['Lemon', 'Peach', 'Lime'] },
        ],
      },
      {
        ...{ code: 'SUNPOUR', name: 'Sunpour', own: false, unitsPerCase: 6, shelfMinor: 449 },
        families: [
          { code: 'PURE', name: 'Pure', skus: ['Orange', 'Apple', 'Mango'] },
          { code: 'LIGHT', name: 'Light', skus: ['Grape', 'Cranberry', 'Lemon'] },
        ],
      },
    ],
  },
];

/** The product tree, parents before children, with stable readable codes (`BAR-TRAILKIN-FRUIT-DATE`). */
export function makeProducts(seed: number): DemoProduct[] {
  const random = createRandom(seed, 'products');
  const products: DemoProduct[] = [];
  const above = { unitsPerCase: null, shelfPriceMinor: null };
  for (const category of CATEGORIES) {
    const inCategory = { categoryCode: category.code, ...above };
    const top = { code: category.code, name: category.name, parentCode: null, level: 'category' as const, own: true };
    products.push({ ...top, ...inCategory, brandCode: null, familyCode: null });
    for (const brand of category.brands) {
      const brandCode = `${category.code}-${brand.code}`;
      const inBrand = { ...inCategory, brandCode, own: brand.own };
      products.push({
        ...inBrand,
        code: brandCode,
        name: brand.name,
        parentCode: category.code,
        level: 'brand',
        familyCode: null,
      });
      for (const family of brand.families) {
        const familyCode = `${brandCode}-${family.code}`;
        const inFamily = { ...inBrand, familyCode };
        const familyName = `${brand.name} ${family.name}`;
        products.push({ ...inFamily, code: familyCode, name: familyName, parentCode: brandCode, level: 'family' });
        const familyPriceMinor = brand.shelfMinor + 10 * random.whole(-3, 3);
        for (const sku of family.skus) {
          products.push({
            ...inFamily,
            code: `${familyCode}-${sku.toUpperCase().replaceAll(' ', '-')}`,
            name: `${familyName} ${sku}`,
            parentCode: familyCode,
            level: 'sku',
            unitsPerCase: brand.unitsPerCase,
            shelfPriceMinor: familyPriceMinor,
          });
        }
      }
    }
  }
  return products;
}

/** List price is about 70 % of the shelf price, cost about 35 % of the list price. */
function firstPrice(product: DemoProduct, costShare: number): { listPriceMinor: number; costMinor: number } {
  const listPriceMinor = Math.round((product.shelfPriceMinor! * product.unitsPerCase! * 0.7) / 10) * 10;
  return { listPriceMinor, costMinor: Math.round((listPriceMinor * costShare) / 10) * 10 };
}

/** Increase of list, cost and regular shelf price on the day the new price list starts. */
export const PRICE_INCREASE = 0.04;

/** Dated prices of own SKUs: some brands raise their price list on `increaseOn`. */
export function makePrices(
  seed: number,
  products: readonly DemoProduct[],
  from: string,
  increaseOn: string,
): DemoPrice[] {
  const random = createRandom(seed, 'prices');
  const prices: DemoPrice[] = [];
  const costShares = new Map<string, number>();
  for (const product of products) {
    if (product.level === 'brand') costShares.set(product.code, random.between(0.3, 0.4));
    if (product.level !== 'sku' || !product.own) continue;
    const first = firstPrice(product, costShares.get(product.brandCode!)!);
    const base = { productCode: product.code, ...first, validFrom: from };
    if (!raisesPrice(product.brandCode!)) {
      prices.push({ ...base, validTo: null });
      continue;
    }
    const raise = (minor: number): number => Math.round((minor * (1 + PRICE_INCREASE)) / 10) * 10;
    prices.push({ ...base, validTo: addDays(increaseOn, -1) });
    prices.push({
      productCode: product.code,
      listPriceMinor: raise(first.listPriceMinor),
      costMinor: raise(first.costMinor),
      validFrom: increaseOn,
      validTo: null,
    });
  }
  return prices;
}

/** Whether a brand takes part in the price increase. */
export function raisesPrice(brandCode: string): boolean {
  return ['BAR-TRAILKIN', 'CRK-MILLWRIGHT', 'JCE-ZESTWELL'].includes(brandCode);
}

/** The price in force on a date; throws a RangeError where there is none. */
export function priceOn(prices: readonly DemoPrice[], productCode: string, date: string): DemoPrice {
  const found = prices.find(
    (p) => p.productCode === productCode && p.validFrom <= date && (p.validTo === null || date <= p.validTo),
  );
  if (!found) throw new RangeError(`no price of ${productCode} on ${date}`);
  return found;
}

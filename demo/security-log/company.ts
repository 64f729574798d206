import type { RandomStream } from '../random.ts';
import { allDays, type Employee, earlierDays } from './log.ts';

/** A company as it works. */
export interface Company {
  people: Employee[];
  /** The way out of each office: everybody there has the same address. */
  offices: string[];
  keys: { id: string; networks: string[]; usesADay: number }[];
  /** Who may decide, by region; some regions have few. */
  deciders: Employee[][];
  limits: number[];
  customers: string[];
}

const head = 400;
const places = [
  { zone: -5, share: 0.4 },
  { zone: -6, share: 0.2 },
  { zone: -8, share: 0.1 },
  { zone: 1, share: 0.2 },
  { zone: 8, share: 0.1 },
];
const exportKinds = ['promotions', 'sales', 'customers', 'prices', 'terms', 'claims', 'accruals', 'funds'];
export const allPermissions = [
  'customers:read',
  'customers:write',
  'products:write',
  'funds:read',
  'funds:write',
  'funds:transfer',
  'funds:approve',
  'promotions:create',
  'promotions:approve',
  'claims:read',
  'claims:write',
  'claims:settle',
  'claims:writeoff',
  'accruals:read',
  'accruals:post',
  'periods:close',
  'ml:train',
  'workflows:design',
  'integrations:read',
  'integrations:manage',
  'bulk:import',
  'bulk:export',
  'monitoring:read',
  'monitoring:manage',
  'users:manage',
  'audit:read',
  'privacy:manage',
];

function roleOf(random: RandomStream): Employee['role'] {
  const u = random.uniform();
  if (u < 0.38) return 'kam';
  if (u < 0.51) return 'marketing';
  if (u < 0.68) return 'finance';
  if (u < 0.82) return 'director';
  if (u < 0.92) return 'analyst';
  return u < 0.96 ? 'admin' : 'auditor';
}

function employ(random: RandomStream, n: number, customers: readonly string[]): Employee {
  const role = roleOf(random);
  let office = 0;
  for (let u = random.uniform(); office < places.length - 1 && u > (places[office]?.share ?? 0); office++)
    u -= places[office]?.share ?? 0;
  const id = `person-${n}`;
  const away: [number, number][] = [];
  for (let at = random.whole(0, 60); at < allDays; at += random.whole(40, 110))
    away.push([at, at + random.whole(3, 14)]);
  // Leave that ends while it counts, and people whose account simply is not used.
  if (random.chance(0.16)) {
    const back = random.whole(earlierDays - 4, allDays - 2);
    away.push([Math.max(2, back - random.whole(28, 70)), back]);
  }
  // Who left, and whose account nobody took away.
  if (random.chance(0.08)) away.push([random.whole(3, 22), allDays]);
  const late = role === 'finance' && random.chance(0.06);
  return {
    ...{ id, role, office, zone: places[office]?.zone ?? 0, away },
    begins: late ? random.between(19, 21) : random.between(6.5, 10),
    worksHours: random.between(7.5, 10),
    devices: random.chance(0.6) ? [`${id}-laptop`, `${id}-phone`] : [`${id}-laptop`],
    home: `${id}-home`,
    factor: random.chance(0.45),
    joined: random.chance(0.1) ? random.whole(earlierDays - 10, allDays - 3) : -200,
    customers: random.shuffled(customers).slice(0, random.whole(5, 10)),
    exportsADay: role === 'analyst' ? random.between(0.5, 1.2) : random.between(0.02, 0.2),
    exportRows: role === 'analyst' ? random.between(8_000, 40_000) : random.between(400, 3_000),
    exportKinds: random.shuffled(exportKinds).slice(0, role === 'analyst' ? random.whole(4, 7) : random.whole(1, 3)),
  };
}

/** Founds a company: its people, habits, offices and integrations. */
export function foundCompany(random: RandomStream): Company {
  const customers = Array.from({ length: 160 }, (_, n) => `customer-${n}`);
  const people = Array.from({ length: head }, (_, n) => employ(random, n, customers));
  const deciders = places.map((_, office) => people.filter((one) => one.role === 'director' && one.office === office));
  // Where a region has nobody, the largest one helps out.
  const helped = deciders.map((some) => (some.length < 2 ? [...some, ...(deciders[0] ?? []).slice(0, 2)] : some));
  const keys = Array.from({ length: 48 }, (_, n) => ({
    id: `key-${n}`,
    // Some run in a cloud that gives them one of several ways out.
    networks: Array.from({ length: random.chance(0.2) ? random.whole(2, 4) : 1 }, () => `plant-${random.whole(0, 14)}`),
    usesADay: random.whole(2, 10),
  }));
  return {
    people,
    offices: places.map((_, n) => `office-${n}`),
    keys,
    deciders: helped,
    limits: [5_000, 20_000, 50_000, 100_000],
    customers,
  };
}

/** How an amount stands to the lowest limit that covers it, as a house records it. */
export function ofLimit(limits: readonly number[], amount: number): number {
  const next = limits.find((limit) => limit >= amount);
  return next === undefined ? 0 : Math.round((amount / next) * 1_000) / 1_000;
}

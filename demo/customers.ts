import type { DemoCustomer } from './maker.ts';

interface Banner {
  code: string;
  name: string;
  channel: DemoCustomer['channel'];
  divisions: { name: string; accounts: string[] }[];
}

/** Invented retailers: 5 banners, 9 divisions, 28 accounts. */
const BANNERS: readonly Banner[] = [
  {
    code: 'HGM',
    name: 'Hollygate Markets',
    channel: 'grocery',
    divisions: [
      { name: 'East', accounts: ['Larchmoor', 'Quillham', 'Saltbridge', 'Venby'] },
      { name: 'Midland', accounts: ['Ashkettle', 'Dunmarrow', 'Fernhollow'] },
      { name: 'West', accounts: ['Copperfall', 'Mesa Verdant', 'Pinecrag'] },
    ],
  },
  {
    code: 'BVL',
    name: 'Bright Valley Foods',
    channel: 'grocery',
    divisions: [
      { name: 'North', accounts: ['Birchmont', 'Greyloch', 'Tamarack'] },
      { name: 'South', accounts: ['Bayou Crossing', 'Magnolia Flats', 'Palmetto Ridge'] },
    ],
  },
  {
    code: 'OMN',
    name: 'Omnimart Stores',
    channel: 'mass',
    divisions: [
      { name: 'Central', accounts: ['Prairie Hub', 'Riverbend', 'Stonefield'] },
      { name: 'Coastal', accounts: ['Harbor Point', 'Seacliff', 'Tidewater'] },
    ],
  },
  {
    code: 'IRW',
    name: 'Ironwood Club',
    channel: 'club',
    divisions: [{ name: 'National', accounts: ['Atlantic Depot', 'Heartland Depot', 'Pacific Depot'] }],
  },
  {
    code: 'CNR',
    name: 'Cornerlight',
    channel: 'convenience',
    divisions: [{ name: 'Metro', accounts: ['Downtown', 'Lakeside', 'Uptown'] }],
  },
];

/** The customer tree, parents before children; codes are stable (`HGM`, `HGM-EA`, `HGM-EA-01`). */
export function makeCustomers(): DemoCustomer[] {
  const customers: DemoCustomer[] = [];
  for (const banner of BANNERS) {
    const common = { channel: banner.channel, currency: 'USD' as const };
    customers.push({ code: banner.code, name: banner.name, parentCode: null, type: 'banner', ...common });
    for (const division of banner.divisions) {
      const divisionCode = `${banner.code}-${division.name.slice(0, 2).toUpperCase()}`;
      customers.push({
        code: divisionCode,
        name: `${banner.name} ${division.name}`,
        parentCode: banner.code,
        type: 'division',
        ...common,
      });
      division.accounts.forEach((account, i) => {
        const code = `${divisionCode}-${String(i + 1).padStart(2, '0')}`;
        const name = `${banner.name} ${account}`;
        customers.push({ code, name, parentCode: divisionCode, type: 'account', ...common });
      });
    }
  }
  return customers;
}

/** Codes of the accounts at or below a customer. */
export function accountsBelow(customers: readonly DemoCustomer[], code: string): string[] {
  const inside = new Set([code]);
  for (const customer of customers)
    if (customer.parentCode !== null && inside.has(customer.parentCode)) inside.add(customer.code);
  return customers.filter((c) => c.type === 'account' && inside.has(c.code)).map((c) => c.code);
}

import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { createCustomer, ensureCalendarFor } from '#master-data';
import { amountOf, Decimal, fromMinor, money } from '#money';
import { type TestHouse, testHouse, testTenants } from '../../../test/house.ts';
import { captureItem } from './capture-item.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import type { EarningTactic, SettlementPorts } from './index.ts';
import { type FiscalPeriod, periodOn } from './period-store.ts';
import type { ItemChange } from './work-item.ts';
import { categoriseItem, matchItem, validateItem } from './work-item.ts';

/** A house with a calendar, a customer, three people of finance and tactics that a test sets. */
export interface TestBooks {
  house: TestHouse;
  maker: Context;
  checker: Context;
  /** Holds the permissions, with a limit of 100.00. */
  junior: Context;
  customerId: string;
  /** What the port answers; volumes after the period's end are left out, as the sales are not there yet. */
  tactics: EarningTactic[];
  /** People who approved every promotion. */
  approvers: Set<string>;
  ports: SettlementPorts;
  period(date: string): Promise<FiscalPeriod>;
  /** Captures, categorises, matches and validates an item for the tactics and amounts given; ready to settle. */
  validItem(kind: ItemKind, reference: string, parts: { tacticId: string; amount: string }[]): Promise<ItemChange>;
}

async function addPerson(house: TestHouse, limit: string | null): Promise<string> {
  const id = randomUUID();
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const email = `${id}@example.com`;
  await client.query('insert into identity.person (id, email, name, created_at) values ($1, $2, $2, now())', [
    id,
    email,
  ]);
  await client.query(
    `insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
     values ($1, $2, $3, $4, 'USD', now())`,
    [testTenants.a.id, id, ['finance_controller'], limit],
  );
  await client.end();
  return id;
}

/** US dollars in JSON. */
export const usd = (amount: string) => ({ amount, currency: 'USD' });

/** domain.md's worked event as two tactics: 4.00 on 1500 + 1900 cases scanned, a display of 2000.00 over 14 days. */
export function workedTactics(
  customerId: string,
  startsOn: string,
  secondWeekOn: string,
  endsOn: string,
): EarningTactic[] {
  const promotionId = randomUUID();
  const base = {
    promotionId,
    promotionCode: `P-${promotionId.slice(0, 8)}`,
    customerId,
    currency: 'USD',
    startsOn,
    endsOn,
    claimByOn: '2026-08-31',
  };
  const four = new Decimal(4);
  return [
    {
      ...{ ...base, tacticId: randomUUID(), mechanic: 'scan_back', lumpSum: null, lumpSumRecognised: 'straight_line' },
      volumes: [
        { on: startsOn, volume: new Decimal(1500), rate: four },
        { on: secondWeekOn, volume: new Decimal(1900), rate: four },
      ],
    },
    {
      ...{ ...base, tacticId: randomUUID(), mechanic: 'display', lumpSumRecognised: 'straight_line' },
      ...{ lumpSum: money('2000.00', 'USD'), volumes: [] },
    },
  ];
}

/** Opens books on 2026-06-15. */
export async function openBooks(t: TestContext): Promise<TestBooks> {
  const house = await testHouse(t);
  const maker = house.context({ userId: await addPerson(house, null) });
  const checker = house.context({ userId: await addPerson(house, null) });
  const junior = house.context({ userId: await addPerson(house, '100') });
  await house.db.transact(maker, (tx) => ensureCalendarFor(tx, { from: '2025-01-06', to: '2026-12-31' }));
  const customer = await createCustomer(maker, { code: 'C', name: 'Customer', type: 'account', currency: 'USD' });
  const tactics: EarningTactic[] = [];
  const approvers = new Set<string>();
  const ports: SettlementPorts = {
    readEarnings: async (_tx, period) =>
      tactics
        .filter(({ startsOn }) => startsOn <= period.endsOn)
        .map((tactic) => ({ ...tactic, volumes: tactic.volumes.filter(({ on }) => on <= period.endsOn) })),
    approversOf: async () => approvers,
  };
  return {
    ...{ house, maker, checker, junior, customerId: customer.id, tactics, approvers, ports },
    period: (date) => house.db.transact(maker, (tx) => periodOn(tx, date)),
    validItem: async (kind, reference, parts) => {
      const minor = parts.reduce((total, { amount }) => total + money(amount, 'USD').minor, 0n);
      const amount = usd(amountOf(fromMinor(minor, 'USD')));
      const takenOn = '2026-06-10';
      const { id } = await captureItem(maker, { kind, customerId: customer.id, reference, amount, takenOn });
      const change: ItemChange = { kind, id, ifMatch: undefined };
      await categoriseItem(maker, { ...change, category: 'promotion' });
      await matchItem(maker, {
        ...change,
        matches: parts.map(({ tacticId, amount: part }) => ({ tacticId, amount: usd(part) })),
      });
      await validateItem(maker, { ...change, validAmount: amount, note: '' });
      return change;
    },
  };
}

import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Context } from '#context';
import { openFundIn } from '#funds';
import { createCustomer, ensureCalendarFor } from '#master-data';
import { amountOf, Decimal, fromMinor, money } from '#money';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { addPerson } from '../../../test/people.ts';
import { type FiscalPeriod, periodOn } from './books/period-store.ts';
import { captureItem } from './claims/capture-item.ts';
import type { ItemKind } from './claims/domain/settlement-item.ts';
import { validateItem } from './claims/validate-item.ts';
import type { ItemChange } from './claims/work-item.ts';
import { categoriseItem, matchItem } from './claims/work-item.ts';
import type { EarningTactic, SettlementPorts } from './index.ts';

/** A house with a calendar, a customer, three people of finance and tactics that a test sets. */
export interface TestBooks {
  house: TestHouse;
  maker: Context;
  checker: Context;
  /** Holds the permissions, with a limit of 100.00. */
  junior: Context;
  customerId: string;
  /** Pays for every tactic; holds 20 000.00. */
  fundId: string;
  /** What the port answers; volumes after the period's end are left out, as the sales are not there yet. */
  tactics: EarningTactic[];
  /** People who approved every promotion. */
  approvers: Set<string>;
  ports: SettlementPorts;
  period(date: string): Promise<FiscalPeriod>;
  /** Captures, categorises, matches and validates an item for the tactics and amounts given; ready to settle. */
  validItem(kind: ItemKind, reference: string, parts: { tacticId: string; amount: string }[]): Promise<ItemChange>;
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
    fundSplit: [],
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

/** Tactics of one promotion with ids that a number makes: the n-th earns n × 100.00 in a range of days. */
export function numberedTactics(of: {
  customerId: string;
  fundId: string;
  startsOn: string;
  endsOn: string;
  tactics: number;
}): EarningTactic[] {
  const id = (n: number) => `0190a000-0000-7000-9000-${String(n).padStart(12, '0')}`;
  return Array.from({ length: of.tactics }, (_, n) => ({
    ...{ promotionId: id(0), promotionCode: 'P-0', tacticId: id(n + 1), customerId: of.customerId },
    ...{ mechanic: 'scan_back', currency: 'USD', startsOn: of.startsOn, endsOn: of.endsOn, claimByOn: '2027-01-31' },
    ...{ lumpSum: null, lumpSumRecognised: 'straight_line' },
    volumes: [{ on: of.startsOn, volume: new Decimal(n + 1), rate: new Decimal(100) }],
    fundSplit: [{ fundId: of.fundId, share: new Decimal(1) }],
  }));
}

/** So many tactics come at once: more than one batch for two of them. */
const batchTactics = 1;

/** Opens books on 2026-06-15. */
export async function openBooks(t: TestContext): Promise<TestBooks> {
  const house = await testHouse(t);
  const maker = house.context({ userId: await addPerson(house, ['finance_controller'], null) });
  const checker = house.context({ userId: await addPerson(house, ['finance_controller'], null) });
  const junior = house.context({ userId: await addPerson(house, ['finance_controller'], '100') });
  await house.db.transact(maker, (tx) => ensureCalendarFor(tx, { from: '2025-01-06', to: '2026-12-31' }));
  const customer = await createCustomer(maker, { code: 'C', name: 'Customer', type: 'account', currency: 'USD' });
  const fund = await house.db.transact(maker, (tx) =>
    openFundIn(tx, {
      ...{ code: 'F', name: 'Fund', kind: 'fixed', currency: 'USD', validFrom: '2025-01-01', validTo: '2026-12-31' },
      amount: '20000.00',
    }),
  );
  const fundSplit = [{ fundId: fund.id, share: new Decimal(1) }];
  const tactics: EarningTactic[] = [];
  const approvers = new Set<string>();
  const ports: SettlementPorts = {
    readEarnings: async (_tx, period, after) => {
      const begun = tactics.filter(({ startsOn }) => startsOn <= period.endsOn);
      const from = after === null ? 0 : Number(after);
      const some = begun.slice(from, from + batchTactics);
      return {
        tactics: some.map((tactic) => ({
          ...{ ...tactic, fundSplit },
          volumes: tactic.volumes.filter(({ on }) => on <= period.endsOn),
        })),
        next: from + batchTactics < begun.length ? String(from + batchTactics) : null,
      };
    },
    approversOf: async () => approvers,
    describePromotions: async () => new Map(),
    promotionDossiers: async () => [],
    factWeeks: async () => ({ sales: [], shipments: [], lastRecordedAt: null }),
  };
  return {
    ...{ house, maker, checker, junior, customerId: customer.id, fundId: fund.id, tactics, approvers, ports },
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
      await validateItem(maker, { ...change, validAmount: amount, note: '', withoutProof: 'seen in store' });
      return change;
    },
  };
}

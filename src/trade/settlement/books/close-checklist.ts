import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { fiscalWeeks } from '#master-data';
import type { FactsPort } from '../ports.ts';
import { maxNamed, readCloseFacts } from './close-store.ts';
import { type CloseCheck, closeCheck } from './domain/close-check.ts';
import { booksInvariants } from './invariants.ts';
import { readTieOut } from './liability-store.ts';
import type { FiscalPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

async function factChecks(tx: Tx, ports: FactsPort, period: FiscalPeriod, lastRunAt: Date | null) {
  const weeks = await fiscalWeeks(tx, period.startsOn, period.endsOn);
  const facts = await ports.factWeeks(tx, { startsOn: period.startsOn, endsOn: period.endsOn });
  const without = (what: 'sales' | 'shipments') =>
    weeks.filter((week) => !facts[what].some((on) => on >= week.startsOn && on <= week.endsOn));
  const missing = (['sales', 'shipments'] as const).flatMap((what) =>
    without(what).map(({ startsOn }) => `${startsOn} has no ${what}`),
  );
  const late = lastRunAt !== null && facts.lastRecordedAt !== null && facts.lastRecordedAt > lastRunAt;
  const prepared =
    lastRunAt === null ? { found: 'Accruals were never prepared for it.' } : late ? { found: lateFacts } : null;
  return [
    closeCheck(
      'facts_complete',
      missing.length > 0
        ? { found: `${count(missing.length, 'week')} of sales or shipments are missing`, items: missing }
        : null,
    ),
    closeCheck('accruals_prepared', prepared),
  ];
}

const lateFacts = 'Sales or shipments came in after accruals were prepared: prepare again.';

/** The checks that read the whole ledger: only a fault can break them, so that they need no lock. */
export async function readLedgerChecks(tx: Tx): Promise<CloseCheck[]> {
  const apart = (await readTieOut(tx)).filter(
    ({ subLedger, tactics, journals }) => subLedger !== tactics || tactics !== journals,
  );
  const broken: string[] = [];
  for (const { name, findBreaches } of booksInvariants) {
    broken.push(...(await findBreaches(tx)).map(({ subject, detail }) => `${name}: ${subject} ${detail}`));
  }
  return [
    closeCheck(
      'ties_out',
      apart.length === 0
        ? null
        : {
            found: 'The ledgers differ.',
            items: apart.map(
              (one) => `${one.currency}: sub-ledger ${one.subLedger}, tactics ${one.tactics}, journals ${one.journals}`,
            ),
          },
    ),
    closeCheck(
      'invariants_hold',
      broken.length > 0
        ? { found: count(broken.length, 'breach', 'breaches'), items: broken.slice(0, maxNamed) }
        : null,
    ),
  ];
}

/** The checks that people's work changes, in its order. */
export async function readWorkChecks(tx: Tx, ports: FactsPort, period: FiscalPeriod): Promise<CloseCheck[]> {
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const facts = await readCloseFacts(tx, period, today);
  const { openBefore, runUnderWay, unposted, unexported, uncategorised, overdue, overpaid } = facts;
  const some = (n: number, against: { found: string; items: readonly string[] }) => (n > 0 ? against : null);
  return [
    closeCheck('period_ended', today > period.endsOn ? null : { found: `It ends on ${period.endsOn}.` }),
    closeCheck(
      'earlier_periods_closed',
      some(openBefore.length, {
        found: count(openBefore.length, 'earlier period'),
        items: openBefore.slice(0, maxNamed),
      }),
    ),
    ...(await factChecks(tx, ports, period, facts.lastRunAt)),
    closeCheck(
      'journals_posted',
      runUnderWay
        ? { found: 'Accruals are being prepared.' }
        : some(unposted.count, { found: count(unposted.count, 'journal'), items: unposted.names }),
    ),
    closeCheck(
      'journals_exported',
      some(unexported.count, { found: count(unexported.count, 'journal'), items: unexported.names }),
    ),
    closeCheck(
      'deductions_categorised',
      some(uncategorised.count, { found: count(uncategorised.count, 'deduction'), items: uncategorised.references }),
    ),
    closeCheck(
      'items_in_time',
      some(overdue.count, { found: count(overdue.count, 'item'), items: overdue.references }),
    ),
    closeCheck(
      'nothing_overpaid',
      some(overpaid.count, { found: count(overpaid.count, 'tactic'), items: overpaid.names }),
    ),
  ];
}

/** Everything that closing a period asks. */
export async function readChecklist(tx: Tx, ports: FactsPort, period: FiscalPeriod): Promise<CloseCheck[]> {
  return [...(await readWorkChecks(tx, ports, period)), ...(await readLedgerChecks(tx))];
}

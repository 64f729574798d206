import { sql } from '#db';
import type { Control } from '#module';

/** A fiscal period should be closed so many days after it ended. */
const closeWithinDays = 45;
/** An approved journal should be posted after so many days. */
const postWithinDays = 10;
const dayMs = 86_400_000;
const limits = 'src/trade/settlement/claims/personal-limits.db.test.ts';

/** What shows auditors that the books are kept in time and within everybody's limits. */
export const settlementControls: readonly Control[] = [
  {
    code: 'books.periods-close-in-time',
    frameworks: ['SOX'],
    title: 'Fiscal periods are closed in time',
    statement: `A fiscal period is closed ${closeWithinDays} days after it ended; later facts post forward.`,
    ownerRole: 'finance_controller',
    severity: 'medium',
    everyDays: 7,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const before = new Date(tx.context.clock.now().getTime() - closeWithinDays * dayMs).toISOString().slice(0, 10);
        const found = await tx.many<{ id: string; name: string; state: string }>(sql`select id, state,
            'FY' || fiscal_year || ' P' || period as name from settlement.period
          where tenant_id = ${tx.context.tenant.id} and ends_on < ${before} and state <> 'closed' order by starts_on`);
        return {
          holds: found.length === 0,
          measured: `${found.length} periods that ended before ${before} are not closed.`,
          exceptions: found.map(({ id, name, state }) => `period/${id}: ${name} is ${state.replace('_', ' ')}`),
        };
      },
    },
  },
  {
    code: 'books.journals-post-in-time',
    frameworks: ['SOX'],
    title: 'Approved journals reach the books in time',
    statement: `An approved journal is posted ${postWithinDays} days after it was prepared.`,
    ownerRole: 'finance_controller',
    severity: 'medium',
    everyDays: 7,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const before = new Date(tx.context.clock.now().getTime() - postWithinDays * dayMs);
        const found = await tx.many<{ id: string }>(sql`select id from settlement.journal
          where tenant_id = ${tx.context.tenant.id} and state = 'approved' and prepared_at < ${before} order by prepared_at, id`);
        return {
          holds: found.length === 0,
          measured: `${found.length} approved journals wait longer than ${postWithinDays} days.`,
          exceptions: found.map(({ id }) => `journal/${id}: approved, not posted`),
        };
      },
    },
  },
  {
    code: 'claims.write-offs-stay-within-limits',
    frameworks: ['SOX'],
    title: 'Write-offs stay within personal limits',
    statement: 'Nobody writes off or settles more than their own limit, also not in parts.',
    ownerRole: 'finance_controller',
    severity: 'high',
    everyDays: 31,
    evidence: {
      kind: 'tests',
      tests: [
        {
          file: limits,
          name: 'a deduction in parts is not written off above the limit, not by parts of parts nor by several at once',
        },
        {
          file: limits,
          name: 'a deduction in parts is not settled above the approval limit, one after the other nor together',
        },
      ],
    },
  },
];

import type { Context, TenantFacts } from '#context';
import { sql } from '#db';
import { budgetAllocation, findFundsByCode, requestBudget } from '#funds';
import { createCustomer, customerOnboarding, onboardCustomer } from '#master-data';
import { completeTask } from '#workflow';
import { contextOf, type DemoHouse, demoPeople, type Say } from './load-demo.ts';

/** What somebody of the demo says to a step of a process. */
interface Said {
  who: string;
  step: string;
  outcome?: 'returned';
  comment: string;
  set?: Record<string, string>;
}

const usd = (amount: string) => ({ amount, currency: 'USD' });

/** Requests for more budget, with what was said to each until today: one waits at every step, one is through, one came back. */
const budgetRequests: readonly { fund: string; amount: string; note: string; said: readonly Said[] }[] = [
  {
    ...{ fund: 'FUND-BVL', amount: '40000.00', note: 'Bright Valley moves the spring reset two weeks forward' },
    said: [],
  },
  {
    ...{ fund: 'FUND-OMN', amount: '120000.00', note: 'Omnimart opens eleven stores on the coast this quarter' },
    said: [{ who: 'marketing', step: 'planning', comment: 'Fits the plan of the quarter' }],
  },
  {
    ...{ fund: 'FUND-ALL', amount: '350000.00', note: 'Answer to the list price rise of our competitor' },
    said: [
      { who: 'marketing', step: 'planning', comment: 'Three banners have asked for it' },
      { who: 'finance', step: 'review', comment: 'Covered by the contingency of the year' },
    ],
  },
  {
    ...{ fund: 'FUND-IRW', amount: '60000.00', note: 'Club packs of the new bar' },
    said: [
      { who: 'marketing', step: 'planning', comment: 'The display space is promised' },
      { who: 'finance', step: 'finance', comment: 'Taken from the reserve' },
    ],
  },
  {
    ...{ fund: 'FUND-HGM', amount: '90000.00', note: 'More feature weeks' },
    said: [
      {
        ...{ who: 'marketing', step: 'planning', outcome: 'returned' },
        comment: 'Which weeks, and which of them did the last results speak for?',
      },
    ],
  },
];

/** Customers who became one lately or are about to, with what was said until today. */
const newCustomers: readonly {
  customer: { code: string; name: string; channel: string };
  creditLimit: string;
  said: readonly Said[];
}[] = [
  {
    ...{ customer: { code: 'MLP', name: 'Marlowe Pantry', channel: 'grocery' }, creditLimit: '45000.00' },
    said: [
      {
        ...{ who: 'finance', step: 'credit', comment: 'Two years of accounts seen' },
        set: { creditGranted: '30000', conditions: 'Paid within 14 days for the first six months' },
      },
      { who: 'director', step: 'conditional', comment: 'Worth it for the coast' },
      { who: 'kam', step: 'account', comment: '' },
      { who: 'finance', step: 'terms', comment: '' },
    ],
  },
  { customer: { code: 'TWV', name: 'Tallow & Vine', channel: 'grocery' }, creditLimit: '80000.00', said: [] },
];

/**
 * What the demo's people do with budgets and new customers, through the product's own use cases: requests for budget at every
 * step, a customer whose credit is being checked and one whose onboarding is over.
 */
export async function playProcesses(house: DemoHouse, tenant: TenantFacts, say: Say): Promise<void> {
  const people = await demoPeople(house, tenant);
  const as = (login: string): Context => {
    const person = people.get(login);
    if (!person) throw new Error(`the demo has no ${login}`);
    return contextOf(house, tenant, person);
  };
  const speak = async (subjectId: string, { who, step, comment, set, ...said }: Said) => {
    const { id } = await house.db.read({ tenant }, (tx) =>
      tx.one<{ id: string }>(sql`select task.id from workflow.task
        join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id
        where instance.subject_id = ${subjectId} and task.step = ${step} and task.state = 'open'`),
    );
    const decision = { outcome: said.outcome ?? 'approved', comment, ...(set ? { set } : {}) };
    await completeTask(as(who), [budgetAllocation, customerOnboarding], id, decision);
  };
  const kam = as('kam');
  const funds = await kam.db.read(kam, (tx) =>
    findFundsByCode(
      tx,
      budgetRequests.map(({ fund }) => fund),
    ),
  );
  for (const { fund, amount, note, said } of budgetRequests) {
    const asked = funds.find(({ code }) => code === fund);
    if (!asked) throw new Error(`the demo has no ${fund}`);
    const { id } = await requestBudget(kam, asked.id, { amount: usd(amount), note });
    for (const words of said) await speak(id, words);
  }
  for (const { customer, creditLimit, said } of newCustomers) {
    const { id } = await createCustomer(as('analyst'), { ...customer, type: 'banner', currency: 'USD' });
    await onboardCustomer(as('analyst'), id, { creditLimit: usd(creditLimit), note: '' });
    for (const words of said) await speak(id, words);
  }
  say(`demo: ${budgetRequests.length} requests for budget, ${newCustomers.length} onboardings`);
}

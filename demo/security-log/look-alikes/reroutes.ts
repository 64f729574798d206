import { day, hour, Moment, minute } from '../log.ts';
import { settle } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody } from '../stage.ts';

/** Customers' records are kept by few; others of finance settle for them as ever. */
function keep(stage: Stage, customers: readonly string[], settledWithinMs: number): void {
  const { log, random, company } = stage;
  const keepers = company.people.filter(({ role, joined }) => role === 'marketing' && joined < 0).slice(0, 8);
  const keeper = random.pick(keepers);
  const at = new Moment(atWorkMs(stage, keeper));
  for (const customer of customers) {
    const times = random.chance(0.2) ? 2 : 1;
    for (let n = 0; n < times; n++) {
      const detail = { counterpartId: customer };
      log.write(at.after(random.between(1, 8) * minute), 'act.rerouted', {
        personId: keeper.id,
        subjectId: customer,
        detail,
      });
    }
    const settler = somebody(stage, ({ role }) => role === 'finance');
    if (settler && random.chance(0.6))
      settle(log, settler, at.ms + random.between(0.02, 1) * settledWithinMs, customer);
  }
}

/** A customer's record is put right. */
export const customerChanged: PlayLookAlike = (stage) => {
  keep(stage, [stage.random.pick(stage.company.customers)], 2 * day);
};

/** Banks merge: 5-20 customers' records change on one morning. */
export const banksMerge: PlayLookAlike = (stage) => {
  keep(stage, stage.random.shuffled(stage.company.customers).slice(0, stage.random.whole(5, 20)), 2 * day);
};

/** In a small office one of finance keeps a customer's record and settles for it a day or more later: once, a usual amount. */
export const bothInOneHand: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = somebody(stage, ({ role, office }) => role === 'finance' && office >= 2);
  if (!who) return;
  const customer = random.pick(company.customers);
  const atMs = atWorkMs(stage, who);
  log.write(atMs, 'act.rerouted', { personId: who.id, subjectId: customer, detail: { counterpartId: customer } });
  settle(log, who, atMs + random.between(20, 80) * hour, customer);
};

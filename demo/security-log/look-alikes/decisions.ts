import { ofLimit } from '../company.ts';
import { day, hour, Moment, minute } from '../log.ts';
import { makeRecord, ordinaryAmount } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody } from '../stage.ts';

const kam = (stage: Stage) => somebody(stage, ({ role }) => role === 'kam');

/** Where two or three decide, they decide on one another: two to five each way on a day, for many customers. */
export const smallRegion: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const few = company.deciders.filter((some) => some.length <= 4);
  if (few.length === 0) return;
  const [first, second] = random.shuffled(random.pick(few));
  if (!first || !second) return;
  for (let n = random.whole(1, 3); n > 0; n--)
    for (const [maker, decider] of [
      [first, second],
      [second, first],
    ] as const)
      makeRecord(log, company, maker, {
        atMs: atWorkMs(stage, maker),
        customer: random.pick(maker.customers),
        amount: ordinaryAmount(log),
        decider,
      });
};

/** Two directors of a large region run a programme together for a week: 3-8 each way, for as many customers, a day's wait. */
export const jointProgramme: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const [first, second] = random.shuffled(company.deciders[0] ?? []);
  if (!first || !second) return;
  for (let n = random.whole(3, 8); n > 0; n--)
    for (const [maker, decider] of [
      [first, second],
      [second, first],
    ] as const)
      makeRecord(log, company, maker, {
        ...{
          atMs: atWorkMs(stage, maker) + random.whole(0, 6) * day,
          customer: random.pick(company.customers),
          amount: ordinaryAmount(log),
          decider,
        },
      });
};

/** One offer for many: 3-9 records of the same amount, near a limit or not, each for another customer. */
export const oneOffer: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = kam(stage);
  if (!who) return;
  const amount = Math.round(random.pick(company.limits.slice(0, 3)) * random.between(0.7, 1));
  const fromMs = atWorkMs(stage, who);
  for (const [n, customer] of random.shuffled(who.customers).slice(0, random.whole(3, 9)).entries())
    makeRecord(log, company, who, { atMs: fromMs + n * random.between(2, 40) * minute, customer, amount });
};

/** The year of one customer is planned: 3-8 records of all sizes within a day or two. */
export const customerPlan: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = kam(stage);
  if (!who) return;
  const customer = random.pick(who.customers);
  const fromMs = atWorkMs(stage, who);
  for (let n = random.whole(3, 8); n > 0; n--)
    makeRecord(log, company, who, {
      atMs: fromMs + random.between(0, 40) * hour,
      customer,
      amount: ordinaryAmount(log),
    });
};

/** One record is put right and submitted again: two to five times, near a limit, the same record. */
export const corrections: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = kam(stage);
  if (!who) return;
  const subjectId = log.fresh('record');
  const customer = random.pick(who.customers);
  const base = random.pick(company.limits.slice(0, 3)) * random.between(0.84, 0.97);
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.whole(2, 5); n > 0; n--) {
    const amount = base * random.between(0.97, 1.02);
    const detail = {
      counterpartId: customer,
      amount: amount.toFixed(2),
      currency: 'USD',
      ofLimit: ofLimit(company.limits, amount),
    };
    log.write(at.after(random.between(10, 300) * minute), 'act.made', { personId: who.id, subjectId, detail });
  }
};

/** A fee that comes every week, near a limit, always for the same customer: one or two at a time. */
export const weeklyFee: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = company.people.filter(({ role }) => role === 'kam')[random.whole(0, 11)];
  if (!who || who.away.some(([from, to]) => from <= stage.dayNumber && to >= stage.dayNumber)) return;
  for (let n = random.whole(1, 2); n > 0; n--)
    makeRecord(log, company, who, {
      atMs: atWorkMs(stage, who),
      customer: who.customers[0] ?? '',
      amount: random.between(4_500, 4_990),
    });
};

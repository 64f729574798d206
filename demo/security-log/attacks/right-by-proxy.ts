import { type Employee, hour, minute } from '../log.ts';
import { ordinaryAmount, settle } from '../ordinary-days.ts';
import { atWorkMs, type PlayAttack, people, type Stage, takeSomebody } from '../stage.ts';

/** The accomplice uses the right at once: approves what the giver made, or settles for one customer. */
function use(stage: Stage, giver: Employee, taker: Employee, fromMs: number, what: 'approves' | 'settles'): number {
  const { log, random, company } = stage;
  const customer = random.pick(company.customers);
  let atMs = fromMs;
  for (let n = random.whole(2, 4); n > 0; n--) {
    const amount = ordinaryAmount(log) * random.between(1.5, 4);
    atMs += random.between(4, 90) * minute;
    if (what === 'settles') settle(log, taker, atMs, customer, amount);
    else {
      const detail = { counterpartId: customer, amount: amount.toFixed(2), currency: 'USD' };
      const subjectId = log.fresh('record');
      log.write(atMs - 2 * minute, 'act.made', { personId: giver.id, subjectId, detail });
      log.write(atMs + random.between(1, 30) * minute, 'act.approved', { personId: taker.id, subjectId });
    }
  }
  return atMs + 31 * minute;
}

/**
 * Whoever gives rights gives them to an accomplice (ATT&CK T1098.003), who uses them within 0.3-20 hours: two to four
 * approvals of what the giver made, or settlements for one customer. In 7 of 10 the right is taken back within six hours
 * of its use, so that nobody sees it; in a third it is a limit that was raised.
 */
export const rightByProxy: PlayAttack = (stage) => {
  const { log, random } = stage;
  const taker = takeSomebody(stage, ({ role }) => role === 'kam' || role === 'marketing' || role === 'analyst');
  if (!taker) return null;
  // Few people give rights: the same one may do so more than once.
  const givers = stage.company.people.filter(({ role }) => role === 'admin');
  const giver = random.pick(givers);
  const fromMs = atWorkMs(stage, taker);
  const what = random.chance(0.6) ? 'approves' : 'settles';
  const raised = what === 'approves' && random.chance(0.5);
  const permissions = [what === 'approves' ? 'promotions:approve' : 'claims:settle'];
  const told = { personId: giver.id, subjectId: taker.id };
  if (raised) log.write(fromMs, 'limit.raised', told);
  else log.write(fromMs, 'right.granted', { ...told, detail: { permissions } });
  let toMs = use(stage, giver, taker, fromMs + random.between(0.3, 20) * hour, what);
  if (!raised && random.chance(0.7)) {
    toMs += random.between(0.1, 6) * hour;
    log.write(toMs, 'right.revoked', { ...told, detail: { permissions } });
  }
  return { subjects: people(taker, giver), fromMs, toMs };
};

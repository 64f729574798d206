import { hour, Moment } from '../log.ts';
import { ordinaryAmount, settle } from '../ordinary-days.ts';
import { atNightMs, atWorkMs, type PlayAttack, people, somebody, strangePlace, takeSomebody } from '../stage.ts';

/**
 * It is changed where a customer's money goes, and then money goes (ATT&CK T1657): whoever changes it settles one to three
 * times for the customer within 0.2-30 hours, at 2-6 times the usual amount, in half changing it back within a day; in 4 of
 * 10 it is changed in a sign-in from a strange place, and a colleague settles within 1-48 hours without knowing.
 */
export const reroutedMoney: PlayAttack = (stage) => {
  const { log, random, company } = stage;
  const who = takeSomebody(stage, ({ role }) => role === 'finance');
  const colleague = somebody(stage, ({ role, id }) => role === 'finance' && id !== who?.id);
  if (!who || !colleague) return null;
  const customer = random.pick(company.customers);
  const reroute = (atMs: number) =>
    log.write(atMs, 'act.rerouted', { personId: who.id, subjectId: customer, detail: { counterpartId: customer } });
  const intruder = random.chance(0.4);
  const fromMs = intruder && random.chance(0.5) ? atNightMs(stage, who) : atWorkMs(stage, who);
  if (intruder) log.signIn(fromMs, who, strangePlace(stage), false);
  const to = new Moment(fromMs + random.between(0.05, 0.6) * hour);
  reroute(to.ms);
  to.after((intruder ? random.between(1, 48) : random.between(0.2, 30)) * hour);
  for (let n = intruder ? 1 : random.whole(1, 3); n > 0; n--) {
    to.after(random.between(0.1, 1) * hour);
    settle(log, intruder ? colleague : who, to.ms, customer, ordinaryAmount(log) * random.between(2, 6));
  }
  if (!intruder && random.chance(0.5)) reroute(to.after(random.between(0.3, 24) * hour));
  return { subjects: intruder ? people(who, colleague) : people(who), fromMs, toMs: to.ms };
};

import { allDays, hour, Moment, minute } from '../log.ts';
import { exportData, refuse } from '../ordinary-days.ts';
import { anyHourMs, type PlayAttack, people, strangePlace } from '../stage.ts';

/**
 * An account that nobody uses any more wakes (ATT&CK T1078): its owner left 28-70 days ago and was never disabled. The sign-in
 * comes from a new device, in 3 of 4 cases from a new network too (else the owner's home or office: a colleague), in a fifth
 * after 1-4 wrong passwords; one to three exports or refusals follow within four hours.
 */
export const dormantAccount: PlayAttack = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const left = company.people.filter(
    (who) =>
      !stage.taken.has(who.id) && who.joined < 0 && who.away.some(([a, b]) => a + 28 < dayNumber && b >= allDays),
  );
  if (left.length === 0) return null;
  const who = random.pick(left);
  stage.taken.add(who.id);
  const strange = strangePlace(stage);
  const known = random.pick([who.home, company.offices[who.office] ?? '']);
  const place = random.chance(0.75) ? strange : { ...strange, network: known };
  const fromMs = anyHourMs(stage);
  const to = new Moment(fromMs);
  if (random.chance(0.2))
    for (let n = random.whole(1, 4); n > 0; n--) log.wrong(to.after(minute), { personId: who.id }, place);
  const sessionId = log.signIn(to.after(minute), who, place, false);
  for (let n = random.whole(1, 3); n > 0; n--) {
    to.after(random.between(0.05, 1.2) * hour);
    if (random.chance(0.7))
      exportData(
        log,
        who,
        to.ms,
        who.exportRows * random.between(0.5, 4),
        random.pick(['customers', 'prices', 'sales']),
      );
    else refuse(log, who, to.ms, sessionId, place, random.pick(['users:manage', 'audit:read', 'integrations:manage']));
  }
  return { subjects: people(who), fromMs, toMs: to.ms };
};

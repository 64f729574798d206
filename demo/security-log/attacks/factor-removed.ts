import { hour, Moment, minute } from '../log.ts';
import { exportData } from '../ordinary-days.ts';
import { atWorkMs, type PlayAttack, people, somebody, strangePlace, takeSomebody, usualPlace } from '../stage.ts';

/**
 * Second factors are got rid of (ATT&CK T1556.006, T1098.005): an administrator is talked into a reset, and within 5 minutes
 * to 8 hours somebody signs in from a network and a device that nobody ever had; or in a session that was carried away the
 * factor is replaced. A new factor or one or two exports follow within two hours.
 */
export const factorRemoved: PlayAttack = (stage) => {
  const { log, random } = stage;
  const who = takeSomebody(stage, ({ factor }) => factor);
  const admin = somebody(stage, ({ role, id }) => role === 'admin' && id !== who?.id);
  if (!who || !admin) return null;
  const thief = strangePlace(stage);
  const personId = who.id;
  const fromMs = atWorkMs(stage, admin);
  const to = new Moment(fromMs);
  let sessionId: string;
  if (random.chance(0.7)) {
    log.write(fromMs, 'factor.removed', { personId: admin.id, subjectId: who.id, detail: { factor: 'all' } });
    to.after(random.chance(0.6) ? random.between(5, 60) * minute : random.between(1, 8) * hour);
    if (random.chance(0.4)) {
      log.write(to.ms - 3 * minute, 'password.reset_requested', { ...thief, personId });
      log.write(to.ms - minute, 'password.changed', { ...thief, personId });
    }
    sessionId = log.signIn(to.ms, who, thief, false);
  } else {
    sessionId = log.signIn(fromMs - hour, who, usualPlace(stage, who));
    log.write(fromMs, 'session.moved', { ...thief, personId, sessionId });
    log.write(to.after(4 * minute), 'factor.removed', {
      ...thief,
      personId,
      subjectId: personId,
      sessionId,
      detail: { factor: 'totp' },
    });
  }
  if (random.chance(0.7))
    log.write(to.after(6 * minute), 'factor.added', {
      ...thief,
      personId,
      subjectId: personId,
      sessionId,
      detail: { factor: 'totp' },
    });
  for (let n = random.whole(1, 2); n > 0; n--)
    exportData(
      log,
      who,
      to.after(random.between(5, 50) * minute),
      who.exportRows * random.between(1, 5),
      random.pick(['customers', 'prices', 'terms']),
    );
  return { subjects: people(who), fromMs, toMs: to.ms };
};

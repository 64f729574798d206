import { type Employee, hour, minute, type Place } from '../log.ts';
import { exportData } from '../ordinary-days.ts';
import {
  anyHourMs,
  atNightMs,
  atWorkMs,
  type PlayAttack,
  people,
  type Stage,
  strangePlace,
  takeSomebody,
} from '../stage.ts';

/** What an intruder does in an account: settles in, or takes what is there; answers when the last of it happened. */
function loot(stage: Stage, who: Employee, place: Place, sessionId: string, fromMs: number): number {
  const { log, random } = stage;
  let atMs = fromMs;
  const own = { ...place, personId: who.id, sessionId };
  const deeds = [
    () => log.write(atMs, 'factor.added', { ...own, subjectId: who.id, detail: { factor: 'totp' } }),
    () => log.write(atMs, 'email.changed', { personId: who.id, subjectId: who.id }),
    () =>
      log.write(atMs, 'key.created', {
        personId: who.id,
        subjectId: log.fresh('key-made'),
        detail: { permissions: 3 },
      }),
    () =>
      exportData(
        log,
        who,
        atMs,
        who.exportRows * random.between(1.5, 6),
        random.pick(['customers', 'prices', 'terms']),
      ),
    () => exportData(log, who, atMs, who.exportRows * random.between(1, 4), random.pick(['claims', 'sales', 'funds'])),
  ];
  for (const deed of random.shuffled(deeds).slice(0, random.whole(1, 3))) {
    atMs += random.between(3, 50) * minute;
    deed();
  }
  return atMs;
}

/**
 * Somebody else signs in with the right password (ATT&CK T1078, T1098.005), from a network and a device that nobody ever
 * had, and does one to three telling things within 3 hours: at night, while the owner works elsewhere, or after taking the
 * password over by a mail that asked for a new one. A third passes the second factor too (T1621), where there is one.
 */
export const takeover: PlayAttack = (stage) => {
  const { log, random } = stage;
  const who = takeSomebody(stage);
  if (!who) return null;
  const place = strangePlace(stage);
  const way = random.pick(['night', 'beside', 'mail', 'any']);
  const fromMs = way === 'night' ? atNightMs(stage, who) : way === 'beside' ? atWorkMs(stage, who) : anyHourMs(stage);
  let atMs = fromMs;
  if (way === 'mail') {
    log.write(atMs, 'password.reset_requested', { ...place, personId: who.id });
    atMs += random.between(2, 25) * minute;
    log.write(atMs, 'password.changed', { ...place, personId: who.id });
  }
  const sessionId = log.signIn(atMs + minute, who, place, who.factor && random.chance(0.33));
  const toMs = loot(stage, who, place, sessionId, atMs + minute);
  return { subjects: people(who), fromMs, toMs: Math.max(toMs, fromMs + hour) };
};

import { hour, minute } from '../log.ts';
import { exportData } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody, usualPlace } from '../stage.ts';

const withFactor = (stage: Stage) => somebody(stage, ({ factor }) => factor);

/** A lost telephone: an administrator resets; within 10 minutes to 20 hours its owner signs in with the own laptop and adds another. */
export const lostPhone: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const [who, admin] = [withFactor(stage), somebody(stage, ({ role }) => role === 'admin')];
  if (!who || !admin) return;
  const resetMs = atWorkMs(stage, admin);
  log.write(resetMs, 'factor.removed', { personId: admin.id, subjectId: who.id, detail: { factor: 'all' } });
  const place = usualPlace(stage, who);
  const where = random.uniform();
  if (where < 0.3) place.network = who.home;
  else if (where < 0.5) place.network = log.fresh('hotel');
  const atMs = resetMs + (random.chance(0.7) ? random.between(10, 120) * minute : random.between(2, 20) * hour);
  const sessionId = log.signIn(atMs, who, place, false);
  const added = { ...place, personId: who.id, subjectId: who.id, sessionId, detail: { factor: 'totp' } };
  if (random.chance(0.8)) log.write(atMs + 5 * minute, 'factor.added', added);
  for (let n = random.whole(0, 3); n > 0; n--)
    exportData(
      log,
      who,
      atMs + random.between(0.1, 2) * hour,
      who.exportRows * Math.exp(0.5 * random.normal()),
      random.pick(who.exportKinds),
    );
};

/** A new telephone: the new factor is added and the old one removed, from the usual place. */
export const changedPhone: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = withFactor(stage);
  if (!who) return;
  const place = { ...usualPlace(stage, who), network: random.chance(0.5) ? who.home : usualPlace(stage, who).network };
  const atMs = atWorkMs(stage, who);
  const sessionId = log.signIn(atMs, who, place);
  const own = { ...place, personId: who.id, subjectId: who.id, sessionId, detail: { factor: 'totp' } };
  log.write(atMs + 3 * minute, 'step_up.passed', { ...place, personId: who.id, sessionId, detail: { factor: 'totp' } });
  log.write(atMs + 4 * minute, random.chance(0.5) ? 'factor.added' : 'factor.removed', own);
  log.write(atMs + 6 * minute, random.chance(0.5) ? 'factor.removed' : 'factor.added', own);
};

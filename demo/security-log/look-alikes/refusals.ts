import { allPermissions } from '../company.ts';
import { Moment, minute } from '../log.ts';
import { refuse } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, somebody, usualPlace } from '../stage.ts';

/** Somebody looks what else there is: two to six things within 25 minutes, mostly somebody new. */
export const curious: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const isNew = random.chance(0.5);
  const who = somebody(stage, ({ joined }) => !isNew || joined > dayNumber - 12) ?? somebody(stage);
  if (!who) return;
  const at = new Moment(atWorkMs(stage, who));
  for (const permission of random.shuffled(allPermissions).slice(0, random.whole(2, 6)))
    refuse(log, who, at.after(random.between(0.2, 5) * minute), null, usualPlace(stage, who), permission);
};

/** A page kept as a bookmark: the same refusal 5-30 times a day. */
export const bookmark: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const permission = random.pick(allPermissions);
  for (let n = random.whole(5, 30); n > 0; n--)
    refuse(log, who, atWorkMs(stage, who), null, usualPlace(stage, who), permission);
};

/** A release with a menu that shows too much: 15-50 people are refused the same four to nine things within hours. */
export const brokenMenu: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const shown = random.shuffled(allPermissions).slice(0, random.whole(4, 9));
  for (let n = random.whole(15, 50); n > 0; n--) {
    const who = somebody(stage, ({ role }) => role !== 'admin');
    if (!who) return;
    const at = new Moment(atWorkMs(stage, who));
    for (const permission of random.shuffled(shown).slice(0, random.whole(1, shown.length)))
      refuse(log, who, at.after(random.between(0.2, 6) * minute), null, usualPlace(stage, who), permission);
  }
};

/** Rights were taken away, and whoever lost them goes on as ever: four to twelve refusals of just those on that day. */
export const lostRights: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const [who, admin] = [somebody(stage), somebody(stage, ({ role }) => role === 'admin')];
  if (!who || !admin) return;
  const permissions = random.shuffled(allPermissions).slice(0, random.whole(4, 12));
  const at = new Moment(atWorkMs(stage, who));
  log.write(at.ms, 'right.revoked', { personId: admin.id, subjectId: who.id, detail: { permissions } });
  for (const permission of permissions)
    refuse(log, who, at.after(random.between(1, 25) * minute), null, usualPlace(stage, who), permission);
};

import { Moment, minute } from '../log.ts';
import { exportData, isClosing } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, somebody } from '../stage.ts';

/** The end of a month: three to eight analysts and finance people export 3-12 times their usual rows of their usual kinds. */
export const monthEnd: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  if (!isClosing(dayNumber)) return;
  for (let n = random.whole(3, 8); n > 0; n--) {
    const who = somebody(stage, ({ role }) => role === 'analyst' || role === 'finance');
    if (!who) return;
    const at = new Moment(atWorkMs(stage, who));
    for (let i = random.whole(2, 6); i > 0; i--)
      exportData(
        log,
        who,
        at.after(random.between(1, 30) * minute),
        who.exportRows * random.between(3, 12),
        random.pick(who.exportKinds),
      );
  }
};

/** A yearly talk with a customer is prepared: two to five exports of 2-9 times the usual rows, of kinds that they use. */
export const yearlyTalk: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage, ({ role }) => role === 'kam' || role === 'marketing');
  if (!who) return;
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.whole(2, 5); n > 0; n--)
    exportData(
      log,
      who,
      at.after(random.between(1, 30) * minute),
      who.exportRows * random.between(2, 9),
      random.pick(who.exportKinds),
    );
};

/** What an auditor was asked for: 3-8 exports of every kind within hours, some large. */
export const auditRequest: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage, ({ role }) => role === 'auditor');
  if (!who) return;
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.whole(3, 8); n > 0; n--)
    exportData(
      log,
      who,
      at.after(random.between(1, 25) * minute),
      random.between(500, 60_000),
      random.pick(['claims', 'accruals', 'promotions', 'terms', 'funds']),
    );
};

/** A kind of export that somebody needs for the first time: one or two, of the usual size. */
export const firstTime: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  for (let n = random.whole(1, 2); n > 0; n--)
    exportData(
      log,
      who,
      atWorkMs(stage, who),
      who.exportRows * random.between(0.4, 2.5),
      random.pick(['sales', 'customers', 'products', 'prices']),
    );
};

/** The reports move elsewhere: two or three analysts export everything once more, 2-8 times the usual rows, on one day. */
export const reportsMove: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  for (let n = random.whole(2, 3); n > 0; n--) {
    const who = somebody(stage, ({ role }) => role === 'analyst');
    if (!who) return;
    const at = new Moment(atWorkMs(stage, who));
    for (const kind of who.exportKinds)
      exportData(log, who, at.after(random.between(1, 15) * minute), who.exportRows * random.between(2, 8), kind);
  }
};

import { day, hour, minute } from '../log.ts';
import { makeRecord, ordinaryAmount, settle } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody } from '../stage.ts';

const admin = (stage: Stage) => somebody(stage, ({ role }) => role === 'admin');

/** A deputy for one to ten days: approves 2-8 records of several makers, from some hours on; then the right goes again. */
export const deputy: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const [giver, taker] = [admin(stage), somebody(stage, ({ role }) => role === 'kam' || role === 'marketing')];
  if (!giver || !taker) return;
  const fromMs = atWorkMs(stage, taker);
  const told = { personId: giver.id, subjectId: taker.id };
  const detail = { permissions: ['promotions:approve'] };
  log.write(fromMs, 'right.granted', { ...told, detail });
  let atMs = fromMs;
  for (let n = random.whole(2, 8); n > 0; n--) {
    const maker = somebody(stage, ({ role, id }) => role === 'kam' && id !== taker.id);
    if (!maker) continue;
    atMs += random.between(0.2, 8) * hour;
    makeRecord(log, company, maker, {
      atMs,
      customer: random.pick(maker.customers),
      amount: ordinaryAmount(log),
      decider: taker,
    });
  }
  log.write(fromMs + random.between(1, 10) * day, 'right.revoked', { ...told, detail });
};

/** Another job: rights that stay, used from the first day. */
export const newJob: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const [giver, taker] = [admin(stage), somebody(stage, ({ role }) => role === 'analyst' || role === 'marketing')];
  if (!giver || !taker) return;
  const atMs = atWorkMs(stage, taker);
  log.write(atMs, 'right.granted', {
    personId: giver.id,
    subjectId: taker.id,
    detail: { permissions: ['claims:read', 'claims:settle'] },
  });
  for (let n = random.whole(1, 6); n > 0; n--)
    settle(log, taker, atMs + random.between(0.5, 7) * hour, random.pick(company.customers));
};

/** Limits are looked over once a year: 4-12 at once by one administrator; those raised decide as ever. */
export const limitsReviewed: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const giver = admin(stage);
  if (!giver) return;
  const atMs = atWorkMs(stage, giver);
  for (let n = random.whole(4, 12); n > 0; n--) {
    const taker = somebody(stage, ({ role }) => role === 'director');
    if (!taker) return;
    log.write(atMs + n * minute, 'limit.raised', { personId: giver.id, subjectId: taker.id });
    const maker = somebody(stage, ({ role, office }) => role === 'kam' && office === taker.office);
    if (maker && random.chance(0.6))
      makeRecord(log, company, maker, {
        atMs: atMs + random.between(0.1, 5) * hour,
        customer: random.pick(maker.customers),
        amount: ordinaryAmount(log),
        decider: taker,
      });
  }
};

/** Help for the closing: a right to settle for hours or days, used for many customers. */
export const closingHelp: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const [giver, taker] = [admin(stage), somebody(stage, ({ role }) => role === 'analyst' || role === 'kam')];
  if (!giver || !taker) return;
  const fromMs = atWorkMs(stage, taker);
  const told = { personId: giver.id, subjectId: taker.id };
  const detail = { permissions: ['claims:settle'] };
  log.write(fromMs, 'right.granted', { ...told, detail });
  for (let n = random.whole(3, 9); n > 0; n--)
    settle(log, taker, fromMs + random.between(0.3, 6) * hour, random.pick(company.customers));
  log.write(fromMs + random.between(7, 60) * hour, 'right.revoked', { ...told, detail });
};

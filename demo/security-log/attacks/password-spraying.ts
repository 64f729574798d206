import { hour, minute } from '../log.ts';
import { isAtWork } from '../ordinary-days.ts';
import { anyHourMs, type PlayAttack, people, strangePlace } from '../stage.ts';

/**
 * A few passwords against many accounts (ATT&CK T1110.003, T1110.004): 10-60 accounts, one to three guesses each, within
 * 15-90 minutes from one network; in 3 of 10 cases 8-24 accounts over 8-30 hours through 1-3 networks. Up to three in
 * ten names tried belong to nobody. In a quarter one of them gives way.
 */
export const passwordSpraying: PlayAttack = (stage) => {
  const { log, random, company } = stage;
  const slow = random.chance(0.3);
  const targets = random.shuffled(company.people).slice(0, slow ? random.whole(8, 24) : random.whole(10, 60));
  const places = Array.from({ length: slow ? random.whole(1, 3) : 1 }, () => strangePlace(stage));
  const unknown = random.between(0, 0.3);
  const fromMs = anyHourMs(stage);
  const lastsMs = slow ? random.between(8, 30) * hour : random.between(15, 90) * minute;
  let toMs = fromMs;
  for (const [n, who] of targets.entries()) {
    const place = places[n % places.length] ?? strangePlace(stage);
    const atMs = fromMs + ((n + random.uniform()) / targets.length) * lastsMs;
    const account = random.chance(unknown) ? { account: log.fresh('nobody') } : { personId: who.id };
    const tries = slow ? 1 : random.whole(1, 3);
    for (let i = 0; i < tries; i++) log.wrong(atMs + i * 4_000, account, place);
    toMs = Math.max(toMs, atMs + tries * 4_000);
  }
  const weak = targets.find((who) => !who.factor && isAtWork(who, stage.dayNumber));
  if (weak && random.chance(0.25)) {
    toMs += 5 * minute;
    log.signIn(toMs, weak, random.pick(places), false);
  }
  return { subjects: [...places.map(({ network }) => `network:${network}`), ...people(...targets)], fromMs, toMs };
};

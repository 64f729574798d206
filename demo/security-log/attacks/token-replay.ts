import { hour, Moment, minute } from '../log.ts';
import { exportData } from '../ordinary-days.ts';
import { atWorkMs, type PlayAttack, people, strangePlace, takeSomebody, usualPlace } from '../stage.ts';

/**
 * A stolen session or refresh token is used elsewhere (ATT&CK T1539, T1550.004): from a machine and a network that nobody
 * ever had. The thief is first and the owner's token then comes spent; or the thief comes with a spent one; or the session
 * goes back and forth between both; in a quarter it only moves, and data go out within two hours.
 */
export const tokenReplay: PlayAttack = (stage) => {
  const { log, random } = stage;
  const who = takeSomebody(stage);
  if (!who) return null;
  const [own, thief] = [usualPlace(stage, who), strangePlace(stage)];
  const beganMs = atWorkMs(stage, who);
  const personId = who.id;
  const sessionId = log.signIn(beganMs, who, own);
  const fromMs = beganMs + random.between(0.2, 5) * hour;
  const move = (atMs: number, to: typeof own) => log.write(atMs, 'session.moved', { ...to, personId, sessionId });
  const reuse = (atMs: number, by: typeof own) =>
    log.write(atMs, 'token.reused', { ...by, personId, sessionId, outcome: 'refused' });
  const to = new Moment(fromMs);
  const way = random.pick(['first', 'late', 'both', 'quiet']);
  if (way === 'late') reuse(fromMs, thief);
  else move(fromMs, thief);
  if (way === 'first') reuse(to.after(random.between(1, 16) * minute), own);
  if (way === 'both') {
    for (let n = random.whole(1, 3); n > 0; n--) {
      move(to.after(random.between(5, 40) * minute), own);
      move(to.after(random.between(5, 40) * minute), thief);
    }
  }
  if (way === 'quiet' || (way === 'both' && random.chance(0.5))) {
    for (let n = random.whole(1, 3); n > 0; n--) {
      to.after(random.between(4, 40) * minute);
      exportData(
        log,
        who,
        to.ms,
        who.exportRows * random.between(0.8, 4),
        random.pick(['customers', 'prices', 'terms', 'sales']),
      );
    }
  }
  return { subjects: people(who), fromMs, toMs: to.ms };
};

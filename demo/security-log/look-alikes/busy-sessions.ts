import { Moment, minute } from '../log.ts';
import { atWorkMs, type PlayLookAlike, somebody, usualPlace } from '../stage.ts';

/** A browser restored from yesterday, or a machine from a snapshot, shows a spent token: once to three times, its own device. */
export const restoredBrowser: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const place = usualPlace(stage, who);
  const personId = who.id;
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.chance(0.7) ? 1 : random.whole(2, 3); n > 0; n--) {
    const sessionId = log.signIn(at.ms, who, place);
    at.after(random.between(5, 90) * minute);
    const network = random.chance(0.3) ? who.home : place.network;
    log.write(at.ms, 'token.reused', { ...place, network, personId, sessionId, outcome: 'refused' });
    at.after(minute);
  }
  log.signIn(at.ms, who, place);
};

/** On a train: 3-9 mobile networks within hours, the same device; in a tenth a retry on the next network shows a spent token. */
export const onATrain: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const { device } = usualPlace(stage, who);
  const at = new Moment(atWorkMs(stage, who));
  const sessionId = log.signIn(at.ms, who, { network: log.fresh('mobile'), device });
  const own = { personId: who.id, sessionId, device };
  for (let n = random.whole(3, 9); n > 0; n--)
    log.write(at.after(random.between(3, 30) * minute), 'session.moved', { ...own, network: log.fresh('mobile') });
  if (random.chance(0.1))
    log.write(at.ms + 2 * minute, 'token.reused', { ...own, network: log.fresh('mobile'), outcome: 'refused' });
};

/** Between office, home and VPN with one laptop: one to five moves a day. */
export const betweenNetworks: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const place = usualPlace(stage, who);
  const at = new Moment(atWorkMs(stage, who));
  const sessionId = log.signIn(at.ms, who, place);
  const networks = [who.home, `vpn-of-${who.office}`, place.network];
  for (let n = random.whole(1, 5); n > 0; n--)
    log.write(at.after(random.between(10, 100) * minute), 'session.moved', {
      ...{ personId: who.id, sessionId, device: place.device },
      network: networks[n % 3] ?? place.network,
    });
};

/** The browser was updated, and its device looks new on the usual network: it stays so. */
export const browserUpdate: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const atMs = atWorkMs(stage, who);
  const place = usualPlace(stage, who);
  const sessionId = log.signIn(atMs, who, place);
  const device = log.fresh('browser');
  const network = random.chance(0.7) ? place.network : who.home;
  log.write(atMs + random.between(20, 200) * minute, 'session.moved', { personId: who.id, sessionId, network, device });
  who.devices = [device, ...who.devices.slice(1)];
};

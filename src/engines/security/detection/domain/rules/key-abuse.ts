import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import { textOf } from '../watched-event.ts';

/** An API key in other hands: another network, another program, other wishes. */
export const keyAbuse: Rule = {
  id: 'key-abuse',
  title: 'An API key used by somebody else',
  what: 'A key used from a network and by a program that are new for it, asking for permissions that it never asked for or does not have. A move to another network with the same program and the same requests, and one request repeated a thousand times, speak against it.',
  why: 'A key that leaked from a script works from everywhere, and whoever found it tries what it opens.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 4.7,
  after: ['key.used', 'access.refused', 'data.exported'],
  remedy: 'quarantine_key',
  byItself: 'act',
  look(event, memory) {
    const key = textOf(event, 'keyId') ?? (event.kind === 'key.used' ? event.subjectId : null);
    if (key === null) return null;
    const profile = memory.profile(`key:${key}`);
    // A key of which little is known is being set up.
    if (Number.isNaN(profile.firstMs) || event.atMs - profile.firstMs < 4 * dayMs) return null;
    const today = memory.recent(`subject:${key}`, event.atMs, this.windowMs, [
      'key.used',
      'access.refused',
      'data.exported',
    ]);
    const used = today.filter(({ outcome }) => outcome === 'succeeded');
    const refused = today.filter(({ outcome }) => outcome === 'refused');
    const strange = (one: typeof event) => profile.networks.strangeness(one.network, event.atMs) > 0.5;
    const network = today.some(strange);
    const program = today.some((one) => profile.devices.strangeness(one.device, event.atMs) > 0.5);
    const asks = new Set(used.map((one) => textOf(one, 'permission') ?? ''));
    const newAsks = [...asks].filter((ask) => profile.deeds.strangeness(`key.used ${ask}`, event.atMs) > 0.5).length;
    const denied = new Set(refused.map((one) => textOf(one, 'permission')));
    const deniedBefore = memory
      .recent(`subject:${key}`, event.atMs, 8 * dayMs, ['access.refused'])
      .filter(({ atMs }) => event.atMs - atMs > this.windowMs);
    const newDenied = [...denied].filter(
      (one) => !deniedBefore.some((old) => textOf(old, 'permission') === one),
    ).length;
    const old = used.some((one) => !strange(one));
    return {
      about: [`key:${key}`],
      evidence: today,
      reasons: reasonsOf(
        [network ? 2 : 0, 'the network is new for the key'],
        [program ? 1.3 : 0, 'the program is new for the key'],
        [Math.min(3, 0.9 * newAsks), `${newAsks} permissions that it never used`],
        [Math.min(3.6, 0.8 * newDenied), `${newDenied} permissions that it does not have`],
        [network && old ? 0.6 : 0, 'it is in use at its old place too'],
        [network && !program && newAsks + newDenied === 0 ? -1 : 0, 'the same program and the same requests'],
      ),
    };
  },
};

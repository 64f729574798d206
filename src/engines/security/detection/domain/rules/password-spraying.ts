import { dayMs } from '../profile.ts';
import { type Rule, reasonsOf } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';

const targetOf = ({ personId, account, id }: WatchedEvent) => personId ?? account ?? id;

/** The largest number of targets that one device tried. */
function mostByOneDevice(events: readonly WatchedEvent[]): number {
  const targets = new Map<string, Set<string>>();
  for (const event of events) {
    const device = event.device ?? '';
    targets.set(device, (targets.get(device) ?? new Set()).add(targetOf(event)));
  }
  return Math.max(0, ...[...targets.values()].map(({ size }) => size));
}

/** Few tries at each of many accounts from one network. */
export const passwordSpraying: Rule = {
  id: 'password-spraying',
  title: 'A few passwords tried at many accounts',
  what: 'One network trying many accounts within a day by devices that do not belong to them. Accounts that get in from there, devices that are theirs, and an office speak against it.',
  why: 'One common password tried at everybody gets in somewhere and never trips the throttle of an account.',
  severity: 'high',
  windowMs: dayMs,
  threshold: 5,
  after: ['sign_in.password'],
  remedy: null,
  byItself: 'dry_run',
  look(event, memory) {
    const { network, atMs } = event;
    if (network === null || event.outcome !== 'refused') return null;
    const there = memory.recent(`network:${network}`, atMs, this.windowMs);
    const failed = there.filter(({ kind, outcome }) => kind === 'sign_in.password' && outcome === 'refused');
    const strange = failed.filter((one) => one.personId === null || memory.deviceStrangeness(one, one.personId) > 0.5);
    const targets = new Set(strange.map(targetOf));
    if (targets.size < 4) return null;
    const entered = there.filter(({ kind, personId }) => kind === 'sign_in.succeeded' && personId !== null);
    const inside = new Set(entered.map(({ personId }) => personId));
    const own = new Set(
      entered.filter((one) => !strange.some(({ device }) => device === one.device)).map((one) => one.personId),
    );
    const nobody = new Set(strange.filter(({ personId }) => personId === null).map(targetOf)).size;
    const byOne = mostByOneDevice(strange);
    const share = inside.size / (targets.size + inside.size);
    return {
      about: [`network:${network}`],
      evidence: strange,
      reasons: reasonsOf(
        [Math.min(5, 1.5 * Math.log2(targets.size)), `${targets.size} accounts tried by devices that are not theirs`],
        [Math.min(2.5, 0.45 * byOne), `${byOne} of them by one device`],
        [Math.min(1.5, 0.3 * nobody), `${nobody} of them accounts that nobody has`],
        [-6 * share, `${inside.size} people got in from there`],
        [-Math.min(2, 0.5 * own.size), `${own.size} of them by other devices`],
        [memory.isHouseNetwork(network, atMs) ? -2 : 0, 'it is a network of the house'],
      ),
    };
  },
};

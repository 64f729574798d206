import { day, hour, minute } from '../log.ts';
import { noteKeyUse } from '../ordinary-days.ts';
import { anyHourMs, type PlayAttack } from '../stage.ts';

/**
 * A key that leaked is used by somebody else (ATT&CK T1552, T1078.004): from one or two networks that nobody ever had, 2-12
 * times over 2-48 hours, while its owner goes on from the usual one; in 8 of 10 it asks for what it may not (1-6 different
 * permissions).
 */
export const keyTheft: PlayAttack = (stage) => {
  const { log, random, company } = stage;
  const free = company.keys.filter(({ id }) => !stage.taken.has(id));
  if (free.length === 0) return null;
  const key = random.pick(free);
  stage.taken.add(key.id);
  const networks = Array.from({ length: random.whole(1, 2) }, () => log.fresh('abroad'));
  const fromMs = anyHourMs(stage);
  const lastsMs = random.chance(0.5) ? random.between(2, 8) * hour : random.between(0.5, 2) * day;
  const times = random.whole(2, 12);
  for (let n = 0; n < times; n++) noteKeyUse(log, key.id, fromMs + (n / times) * lastsMs, random.pick(networks));
  if (random.chance(0.8)) {
    const wanted = [
      'users:manage',
      'audit:read',
      'claims:settle',
      'bulk:export',
      'integrations:manage',
      'privacy:manage',
    ];
    for (const permission of random.shuffled(wanted).slice(0, random.whole(1, 6))) {
      const from = { network: random.pick(networks), device: 'client' };
      const detail = { permission, route: `/api/v1/${permission.split(':')[0]}`, keyId: key.id };
      log.write(fromMs + random.between(0.01, 0.5) * lastsMs, 'access.refused', {
        ...from,
        subjectId: key.id,
        outcome: 'refused',
        detail,
      });
    }
  }
  return { subjects: [`key:${key.id}`], fromMs, toMs: fromMs + lastsMs + minute };
};

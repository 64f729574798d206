import { beginningMs, day, hour } from '../log.ts';
import { noteKeyUse } from '../ordinary-days.ts';
import { anyHourMs, type PlayLookAlike, type Stage } from '../stage.ts';

function refuseKey(stage: Stage, keyId: string, atMs: number, network: string, permission: string): void {
  const detail = { permission, route: `/api/v1/${permission.split(':')[0]}`, keyId };
  stage.log.write(atMs, 'access.refused', { network, device: 'client', subjectId: keyId, outcome: 'refused', detail });
}

/** Integrations move to another place: one to five keys on one day; for up to two days both are used, then only the new one. */
export const movedPlant: PlayLookAlike = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const network = log.fresh('plant');
  const overlap = random.chance(0.5) ? random.between(0.2, 2) : 0;
  for (const key of random.shuffled(company.keys).slice(0, random.whole(1, 5))) {
    const before = key.networks[0] ?? '';
    const fromMs = beginningMs + dayNumber * day + random.between(0, 6) * hour;
    for (let n = random.whole(2, 8); n > 0; n--)
      noteKeyUse(log, key.id, fromMs + random.between(0.1, 1 + overlap) * day, network);
    for (let n = Math.round(overlap * 3); n > 0; n--)
      noteKeyUse(log, key.id, fromMs + random.between(0, overlap) * day, before);
    key.networks = [network];
  }
};

/** A key that ran out goes on being tried: 5-60 times over a day, from where it always was. */
export const keyRanOut: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const key = random.pick(company.keys);
  const fromMs = anyHourMs(stage);
  for (let n = random.whole(5, 60); n > 0; n--)
    log.write(fromMs + random.uniform() * day, 'key.refused', {
      ...{ outcome: 'refused', subjectId: key.id, network: key.networks[0] ?? null, detail: { refusal: 'expired' } },
    });
};

/** A new release asks for more than the key may: one to five permissions, 1-20 times each, from where it always was. */
export const newRelease: PlayLookAlike = (stage) => {
  const { random, company } = stage;
  const key = random.pick(company.keys);
  const fromMs = anyHourMs(stage);
  const wanted = ['funds:read', 'claims:read', 'bulk:import', 'monitoring:read', 'integrations:read', 'accruals:read'];
  for (const permission of random.shuffled(wanted).slice(0, random.whole(1, 5)))
    for (let n = random.whole(1, 20); n > 0; n--)
      refuseKey(stage, key.id, fromMs + random.between(0, 6) * hour, key.networks[0] ?? '', permission);
};

/** A developer tries a key from home once or twice: a network that a person has long had. */
export const triedFromHome: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const key = random.pick(company.keys);
  const developer = random.pick(company.people.filter(({ role }) => role === 'admin'));
  const fromMs = anyHourMs(stage);
  for (let n = random.whole(1, 2); n > 0; n--)
    noteKeyUse(log, key.id, fromMs + random.between(0, 3) * hour, developer.home);
  if (random.chance(0.3)) refuseKey(stage, key.id, fromMs + hour, developer.home, 'monitoring:read');
};

import {
  type DamagedValue,
  dataKeyFacts,
  keyring,
  placeOf,
  rotateDataKey,
  rotateSubjectKeys,
  rotateWrapping,
  sealedClasses,
} from '#security';
import { type Command, progress, refuse, tenantBySlug, withStore } from './command.ts';

/** `keys status`: where the keys are and how old the data keys are; never a key. */
export const keyStatusCommand: Command = async () =>
  withStore(async () => {
    const keys = keyring();
    const facts = await dataKeyFacts(keys);
    const { kind } = keys.inner.source.provider;
    progress(`Keys are kept by: ${kind}. ${facts.length} data keys are in force.`);
    for (const { tenantId, class: keyClass, version, createdAt, settledAt } of facts) {
      const left = version > 1 && !settledAt ? ', rows under the version before may be left: keys rotate --again' : '';
      progress(`${tenantId} ${keyClass}: version ${version}, since ${createdAt.toISOString()}${left}`);
    }
    return { provider: kind, dataKeys: facts };
  });

/**
 * `keys rotate`: the key-encryption key, where nothing is named, which touches no row; else a class's data key, or the keys
 * of people, links and requests, whose rows are sealed anew. Each beside a running server. `--again` goes on with what a
 * killed run left; for people the same instant does.
 */
export const rotateKeysCommand: Command = async ({ options }) =>
  withStore(async (store) => {
    if (options['people-before']) return rotatePeople(options['people-before']);
    const again = options.again !== undefined;
    if (!options.class) {
      const { tenantKeys, subjectKeys, damaged } = await rotateWrapping(keyring(), again);
      progress(`${tenantKeys} keys of tenants and ${subjectKeys} of people are wrapped anew; no row was touched.`);
      return { tenantKeys, subjectKeys, damaged: tellDamaged(damaged) };
    }
    const keyClass = sealedClasses.find((one) => one === options.class);
    if (!keyClass) {
      return refuse(`There is no class ${options.class} with a data key of its own: ${sealedClasses.join(', ')}.`);
    }
    const tenant = options.tenant ? await tenantBySlug(store, options.tenant) : refuse('--tenant is missing.');
    const told = (rows: number) => progress(`${rows} rows`);
    const rotated = await rotateDataKey(keyring(), { tenantId: tenant.id, class: keyClass }, { again, told });
    progress(`Version ${rotated.version} is in force; ${rotated.rows} rows were sealed anew.`);
    return { ...rotated, damaged: tellDamaged(rotated.damaged) };
  });

/** Names what did not open, and lets the command end as one that found something: with 1. */
function tellDamaged(damaged: readonly DamagedValue[]): string[] {
  const places = damaged.map(placeOf);
  for (const place of places) progress(`does not open: ${place}`);
  if (places.length > 0) process.exitCode = 1;
  return places;
}

async function rotatePeople(said: string) {
  const before = said === 'now' ? new Date() : new Date(said);
  if (Number.isNaN(before.getTime()))
    return refuse(`${said} is no instant: say now, or one like 2026-01-31T09:00:00Z.`);
  progress(`Should this be cut off, go on with: keys rotate --people-before ${before.toISOString()}`);
  const told = (rows: number) => progress(`${rows} rows`);
  const rotated = await rotateSubjectKeys(keyring(), before, { told });
  progress(`${rotated.subjects} keys of people, links and requests are new; ${rotated.rows} values were sealed anew.`);
  return { ...rotated, damaged: tellDamaged(rotated.damaged) };
}

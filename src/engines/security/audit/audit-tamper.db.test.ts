import assert from 'node:assert/strict';
import { generateKeyPairSync, randomInt, sign } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { type TestHouse, testHouse, testSecretKey } from '../../../../test/house.ts';
import { exportAudit } from './export-audit.ts';
import { Frontier, leafHash, rootOf } from './merkle-tree.ts';
import { ensurePartitions } from './retention-store.ts';
import { signNote } from './signed-note.ts';
import { rotateAuditKey } from './signing-keys.ts';
import { asSuperuser, dropDue, live, record, seal, tenantA, trustedKey, verifyExport } from './test-trail.ts';
import { verifyAudit } from './verify-audit.ts';

/** Repeat a run by its seed: `TRADEAI_TAMPER_SEED=…`. */
const seed = Number(process.env.TRADEAI_TAMPER_SEED ?? randomInt(2 ** 31));

/** mulberry32: a small generator whose numbers depend on its seed alone. */
function chanceFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
type Chance = ReturnType<typeof chanceFrom>;

async function smallTrail(house: TestHouse): Promise<string[]> {
  // What is of the house stands in every tenant's trail; here one trail is tampered with.
  await asSuperuser(house, 'delete from identity.tenant where id <> $1', [tenantA.id]);
  await ensurePartitions(house.db, house.clock.now());
  await record(house, 4, { action: 'session.started' });
  await record(house, 4);
  const notes = await seal(house);
  await rotateAuditKey(house.db, testSecretKey, house.clock);
  await live(house, 150, 'a');
  await dropDue(house);
  await record(house, 5);
  return [...notes, ...(await seal(house, 3))];
}

// biome-ignore lint/suspicious/noExplicitAny: lines of an export are changed in every way
type Line = any;

/** What a superuser signs with, who does not have the product's key. */
const stranger = generateKeyPairSync('ed25519');
const strangerKey = stranger.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

const canonical = (entry: Line) =>
  `{${Object.keys(entry)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(entry[name])}`)
    .join()}}`;

/** Makes numbers and roots fit what the lines hold now, as somebody with the whole database can; signatures stay old. */
function refit(lines: Line[], resign?: (text: string) => string): void {
  const leaves: Buffer[] = [];
  for (const line of lines) {
    if (line.kind === 'entry') line.seq = leaves.push(leafHash(canonical(line.entry))) - 1;
    if (line.kind === 'leaf') line.seq = leaves.push(Buffer.from(line.hash, 'base64')) - 1;
    if (line.kind !== 'checkpoint') continue;
    const [text, signature] = line.note.split('\n\n');
    const [origin, , , time] = text.split('\n');
    const fitted = `${origin}\n${leaves.length}\n${rootOf(leaves).toString('base64')}\n${time}\n`;
    line.note = resign ? resign(fitted) : `${fitted}\n${signature}`;
  }
  fitHeader(lines);
}

/** The header is signed by nobody: whoever takes lines away says so there. */
function fitHeader(lines: Line[]): Line[] {
  for (const header of ofKind(lines, 'header')) header.to = ofKind(lines, 'entry', 'leaf').length;
  return lines;
}

/** Roots of the full subtrees that some leaves consist of, as a part of a trail begins with them. */
function edgeOf(leaves: readonly Buffer[]): { kind: 'before'; size: number; roots: string[] } {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  const bytes = frontier.bytes();
  const roots = Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
  return { kind: 'before', size: leaves.length, roots: roots.map((root) => root.toString('base64')) };
}

const pick = <T>(chance: Chance, from: readonly T[]): T => from[chance(from.length)] as T;
const ofKind = (lines: Line[], ...kinds: string[]) => lines.filter(({ kind }) => kinds.includes(kind));

function otherValue(chance: Chance, value: unknown): unknown {
  if (typeof value === 'number') return value + 1 + chance(9);
  if (typeof value !== 'string' || value === '') return `put there ${chance(1_000)}`;
  const at = chance(value.length);
  const letter = String.fromCharCode(33 + ((value.charCodeAt(at) - 32 + chance(80)) % 90));
  const changed = value.slice(0, at) + letter + value.slice(at + 1);
  return changed === value ? `${value} ` : pick(chance, [changed, null, `${value} `]);
}

/** What somebody may do who has everything in the database; each answers the lines of the export that follows from it. */
const tamperings: Record<string, (lines: Line[], chance: Chance) => Line[]> = {
  edit: (lines, chance) => {
    const { entry } = pick(chance, ofKind(lines, 'entry'));
    const member = pick(chance, Object.keys(entry));
    entry[member] = otherValue(chance, entry[member]);
    if (chance(2)) refit(lines);
    return lines;
  },
  deletion: (lines, chance) => {
    const gone = pick(chance, ofKind(lines, 'entry', 'leaf'));
    const left = lines.filter((line) => line !== gone);
    if (chance(2)) refit(left);
    return left;
  },
  reordering: (lines, chance) => {
    const entries = ofKind(lines, 'entry');
    const [one, other] = [chance(entries.length), chance(entries.length)];
    const second = entries[one === other ? (one + 1) % entries.length : other];
    [entries[one].entry, second.entry] = [second.entry, entries[one].entry];
    if (chance(2)) refit(lines);
    return lines;
  },
  insertion: (lines, chance) => {
    const like = pick(chance, ofKind(lines, 'entry'));
    const forged = { kind: 'entry', seq: 0, entry: { ...like.entry, id: `0190a000-0000-7000-8000-${chance(1e9)}` } };
    const left = lines.flatMap((line) => (line === like ? [line, forged] : [line]));
    refit(left);
    return left;
  },
  truncation: (lines, chance) => {
    const places = lines.flatMap(({ kind }, at) => (['entry', 'leaf', 'checkpoint'].includes(kind) ? [at] : []));
    return fitHeader(lines.slice(0, pick(chance, places.slice(0, -1)) + chance(2)));
  },
  // The edge of the tree as it was signed, put in behind what was altered: all that follows fits it.
  'a beginning in the midst': (lines, chance) => {
    const leaves = ofKind(lines, 'entry', 'leaf').map((line) =>
      line.kind === 'entry' ? leafHash(canonical(line.entry)) : Buffer.from(line.hash, 'base64'),
    );
    const entries = ofKind(lines, 'entry');
    const altered = pick(chance, entries);
    const place = lines.indexOf(altered) + 1;
    const edge = edgeOf(leaves.slice(0, altered.seq + 1));
    altered.entry.after = `{"at":${100 + chance(1e6)}}`;
    // What was signed about it before is left away.
    return [...lines.slice(0, place).filter(({ kind }) => kind !== 'checkpoint'), edge, ...lines.slice(place)].filter(
      (line, at) => !(at === place + 1 && line.kind === 'checkpoint'),
    );
  },
  'passing a deletion off as retention in a part that is the whole': (lines, chance) => {
    const gone = pick(chance, ofKind(lines, 'entry'));
    const record = ofKind(lines, 'dropped')[0];
    const [, retentionClass, span] = record.note.split('\n');
    const hash = leafHash(canonical(gone.entry)).toString('base64');
    const leaf = { kind: 'leaf', seq: gone.seq, hash, retentionClass, at: span.split(' ')[0] };
    const left = lines.map((line) => (line === gone ? leaf : line));
    left.splice(left.indexOf(record) + 1, 0, { kind: 'before', size: 0, roots: [] });
    return left;
  },
  // Back to an earlier checkpoint, all whole, and on from there with other entries that nobody signed, or none.
  rollback: (lines, chance) => {
    const back = lines.indexOf(pick(chance, ofKind(lines, 'checkpoint').slice(0, -1))) + 1;
    const left = lines.slice(0, back);
    const more = lines.slice(back).filter(({ kind }) => kind === 'entry' && chance(2));
    for (const { entry } of more) entry.after = `{"at":${chance(1e6)}}`;
    left.push(...more);
    refit(left);
    return left;
  },
  're-hashing under a key of their own': (lines, chance) => {
    const { entry } = pick(chance, ofKind(lines, 'entry'));
    entry.after = `{"at":${100 + chance(1e6)}}`;
    const generation = pick(chance, [1, 2, 3]);
    const key = { name: `tradeai-audit-${generation}`, publicKey: strangerKey };
    const raw = strangerKey.toString('base64');
    const said = signNote(`tradeai/audit-key\n${key.name}\n${raw}\n`, key, stranger.privateKey);
    const own = { kind: 'key', generation, publicKey: raw, voucher: chance(2) ? said : null };
    const kept = lines.filter((line) => line.kind !== 'key' || line.generation !== generation);
    const left = kept.flatMap((line) => (line.kind === 'header' ? [line] : [line]));
    const place = left.findLastIndex(({ kind }) => kind === 'key' || kind === 'header') + 1;
    left.splice(generation === 1 ? 1 : place, 0, own);
    refit(left, (text) => signNote(text, key, stranger.privateKey));
    return left;
  },
  'passing a deletion off as retention': (lines, chance) => {
    const gone = pick(chance, ofKind(lines, 'entry'));
    const { seq, entry } = gone;
    const leaf = {
      kind: 'leaf',
      seq,
      hash: leafHash(canonical(entry)).toString('base64'),
      retentionClass: entry.retentionClass,
      at: entry.at,
    };
    const dropped = ofKind(lines, 'dropped')[0];
    const [, , span] = dropped.note.split('\n');
    // Under the signed record of other entries, a record of their own making, or none at all.
    const way = chance(3);
    if (way === 0) [leaf.retentionClass, leaf.at] = ['operational', span.split(' ')[0]];
    if (way === 1) {
      const text = `tradeai/audit-dropped/${tenantA.id}\nfinancial\n2026-01-01T00:00:00.000Z 2027-01-01T00:00:00.000Z\n1\n${leaf.hash}\ntime ${entry.at}\n`;
      const signature = sign(null, Buffer.from(text), stranger.privateKey).toString('base64');
      lines.splice(lines.indexOf(dropped), 0, { kind: 'dropped', note: `${text}\n— tradeai-audit-1 ${signature}\n` });
    }
    return lines.map((line) => (line === gone ? leaf : line));
  },
  'another story about what was dropped': (lines, chance) => {
    const dropped = ofKind(lines, 'dropped')[0];
    if (chance(3) === 0) return lines.filter((line) => line !== dropped);
    const leaf = pick(chance, ofKind(lines, 'leaf'));
    if (chance(2)) leaf.hash = leafHash(`other ${chance(1e6)}`).toString('base64');
    else dropped.note = dropped.note.replace('\n4\n', `\n${5 + chance(9)}\n`);
    if (chance(2)) refit(lines);
    return lines;
  },
  'another checkpoint': (lines, chance) => {
    const all = ofKind(lines, 'checkpoint');
    const line = pick(chance, all);
    const parts = line.note.split('\n');
    const at = pick(chance, [0, 1, 2, 3, 5]);
    if (chance(2)) parts[at] = otherValue(chance, parts[at]) ?? '';
    else parts[at] = `${parts[at]} `;
    line.note = parts.join('\n');
    return lines;
  },
};

test(`ten thousand random tamperings with an export are all found (seed ${seed})`, async (t) => {
  const house = await testHouse(t);
  const notes = await smallTrail(house);
  const lines: Line[] = [];
  for await (const line of exportAudit(house.db, tenantA, house.clock.now())) lines.push(line);
  const untouched = JSON.stringify(lines);
  // Only what is put back as a whole needs a checkpoint from outside to be told.
  const outside = new Set(['truncation', 'rollback']);
  const verify = (of: Line[], kind: string) =>
    verifyExport(
      of.map((line) => JSON.stringify(line)),
      { trustedKey, against: outside.has(kind) ? notes.slice(-1) : [] },
    );
  for (const kind of ['edit', 'rollback']) assert.deepEqual((await verify(lines, kind)).faults, []);
  const chance = chanceFrom(seed);
  const kinds = Object.keys(tamperings);
  const found: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  for (let round = 0; round < 10_000; round++) {
    const kind = kinds[round % kinds.length] as string;
    const tampered = tamperings[kind]?.(JSON.parse(untouched), chance) ?? [];
    const { faults } = await verify(tampered, kind);
    assert.ok(
      faults.length > 0,
      `seed ${seed}, round ${round}: ${kind} was not found\n${tampered.map((line) => JSON.stringify(line)).join('\n')}`,
    );
    found[kind] = (found[kind] ?? 0) + 1;
  }
  t.diagnostic(`seed ${seed}, found: ${JSON.stringify(found)}`);
  assert.deepEqual((await verify(JSON.parse(untouched), 'rollback')).faults, [], 'and the untouched export is sound');
});

const tables = ['entry', 'seal', 'node', 'tree', 'checkpoint', 'signing_key', 'dropped', 'unsealed'];

const uuid = (chance: Chance) => `0190a000-0000-7000-8000-${String(chance(1e12)).padStart(12, '0')}`;

/** The tree and the checkpoints made to fit what the seals say now, as a superuser can who lacks the signing key. */
async function rehash(client: pg.Client, resign: boolean): Promise<void> {
  const { rows } = await client.query<{ hash: Buffer }>(
    `select leaf_hash as hash from audit.seal where tenant_id = $1 order by seq`,
    [tenantA.id],
  );
  const frontier = new Frontier();
  for (const { hash } of rows) frontier.append(hash);
  await client.query('update audit.tree set size = $2, frontier = $3 where tenant_id = $1', [
    tenantA.id,
    frontier.size,
    frontier.bytes(),
  ]);
  const checkpoints = await client.query<{ size: string; note: string }>(
    'select size, note from audit.checkpoint where tenant_id = $1',
    [tenantA.id],
  );
  for (const { size, note } of checkpoints.rows) {
    const [text = '', signature] = note.split('\n\n');
    const [origin, , , time] = text.split('\n');
    const root = rootOf(rows.slice(0, Number(size)).map(({ hash }) => hash)).toString('base64');
    const fitted = `${origin}\n${size}\n${root}\n${time}\n`;
    const key = { name: 'tradeai-audit-1', publicKey: strangerKey };
    const made = resign ? signNote(fitted, key, stranger.privateKey) : `${fitted}\n${signature}`;
    await client.query('update audit.checkpoint set note = $3 where tenant_id = $1 and size = $2', [
      tenantA.id,
      size,
      made,
    ]);
  }
  if (resign) await client.query('update audit.signing_key set public_key = $1 where generation = 1', [strangerKey]);
}

/** Takes the last leaves away with all that speaks of them; inside, nothing is left to tell. */
async function cutBackTo(client: pg.Client, size: number): Promise<void> {
  const own = [tenantA.id, size];
  await client.query(
    'delete from audit.entry where tenant_id = $1 and id in (select entry_id from audit.seal where tenant_id = $1 and seq >= $2)',
    own,
  );
  await client.query('delete from audit.seal where tenant_id = $1 and seq >= $2', own);
  await client.query('delete from audit.checkpoint where tenant_id = $1 and size > $2', own);
}

/** What a superuser does in the database itself. */
const attacks: Record<string, (client: pg.Client, chance: Chance, size: number) => Promise<unknown>> = {
  edit: (client, chance, size) => {
    const column = pick(chance, [
      'action',
      'entity_type',
      'entity_id',
      'reason',
      'request_id',
      'after',
      'before',
      'actor_id',
      'at',
      'mac',
      'id',
    ]);
    const to: Record<string, string> = {
      after: `'{"n": ${chance(1e6)}}'`,
      before: `'{"n": ${chance(1e6)}}'`,
      actor_id: `'${uuid(chance)}'`,
      id: `'${uuid(chance)}'`,
      at: `at + interval '1 ms'`,
      mac: 'sha256(mac)',
    };
    return client.query(
      `update audit.entry set ${column} = ${to[column] ?? `'put there ${chance(1e6)}'`}
      where id = (select entry_id from audit.seal join audit.entry on id = entry_id order by seq offset $1 limit 1)`,
      [chance(size - 4)],
    );
  },
  deletion: async (client, chance, size) => {
    const id = '(select entry_id from audit.seal join audit.entry on id = entry_id order by seq offset $1 limit 1)';
    const gone = chance(size - 4);
    if (chance(2)) return client.query(`delete from audit.entry where id = ${id}`, [gone]);
    await client.query(
      `with gone as (delete from audit.seal where entry_id = ${id} returning entry_id)
      delete from audit.entry where id in (select entry_id from gone)`,
      [gone],
    );
    if (chance(2)) {
      // By way of negative numbers: each row is checked against the others as it is written, in no certain order.
      await client.query(
        'update audit.seal set seq = -place from (select entry_id as id, row_number() over (order by seq) as place from audit.seal) as new where id = entry_id',
      );
      await client.query('update audit.seal set seq = -seq - 1');
    }
    return rehash(client, false);
  },
  reordering: async (client, chance, size) => {
    const one = chance(size - 1);
    await client.query('update audit.seal set seq = -seq - 1 where seq in ($1::bigint, $1::bigint + 1)', [one]);
    await client.query(
      'update audit.seal set seq = case -seq - 1 when $1::bigint then $1::bigint + 1 else $1::bigint end where seq < 0',
      [one],
    );
    if (chance(2)) await rehash(client, false);
  },
  're-hashing': async (client, chance, size) => {
    await client.query(`update audit.seal set leaf_hash = sha256(leaf_hash) where seq = $1`, [chance(size)]);
    await rehash(client, chance(2) === 0);
  },
  truncation: async (client, chance, size) => {
    await cutBackTo(client, 1 + chance(size - 1));
    await rehash(client, false);
  },
  rollback: async (client, chance) => {
    const { rows } = await client.query<{ size: string }>('select size from audit.checkpoint order by size');
    await cutBackTo(client, Number(pick(chance, rows.slice(0, -1)).size));
    await rehash(client, false);
  },
  'an entry slipped in': (client, chance) =>
    client.query(
      `insert into audit.entry select tenant_id, $1, at, actor_id, on_behalf_of, action, entity_type, entity_id, before, after,
        reason, request_id, mac_version, mac, retention_class from audit.entry limit 1`,
      [uuid(chance)],
    ),
  'a record of dropped entries': (client, chance) =>
    chance(2)
      ? client.query('delete from audit.dropped')
      : client
          .query(
            `insert into audit.dropped select tenant_id, 'financial', '2026-01-01', '2027-01-01', entries, note from audit.dropped`,
          )
          .then(() => client.query(`delete from audit.entry where retention_class = 'financial'`)),
};

test(`two hundred tamperings of a superuser in the database itself are all found (seed ${seed})`, async (t) => {
  const house = await testHouse(t);
  const notes = await smallTrail(house);
  const client = new pg.Client({ connectionString: house.url });
  // Its database is dropped under it.
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  for (const table of tables) await client.query(`create table public.kept_${table} as select * from audit.${table}`);
  const sound = await verifyAudit(house.db, tenantA.id, { against: notes });
  assert.deepEqual(sound.bad, []);
  const chance = chanceFrom(seed);
  const kinds = Object.keys(attacks);
  for (let round = 0; round < 200; round++) {
    const kind = kinds[round % kinds.length] as string;
    await attacks[kind]?.(client, chance, sound.sealed);
    const { badCount } = await verifyAudit(house.db, tenantA.id, { against: notes });
    assert.ok(badCount > 0, `seed ${seed}, round ${round}: ${kind} was not found`);
    await client.query(
      tables
        .map((table) => `delete from audit.${table}; insert into audit.${table} select * from public.kept_${table}`)
        .join(';'),
    );
  }
  assert.deepEqual((await verifyAudit(house.db, tenantA.id, { against: notes })).bad, []);
});

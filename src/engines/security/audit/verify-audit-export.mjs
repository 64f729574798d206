#!/usr/bin/env node
/**
 * Checks an export of TRADEAI's audit trail by itself: Node only, no dependency, no database and no secret.
 *   node verify-audit-export.mjs <export.jsonl> --key <first public key, base64> [--against <checkpoint file>]
 *
 * The key is that of the first generation, which you wrote down before. --against takes checkpoints from before the export,
 * kept outside: only they can tell that the whole trail was put back to an earlier state. Exit 0: as it was sealed; 1: not.
 * Each entry is a leaf (RFC 9162): SHA-256 of 0x00 and its canonical JSON. Checkpoints are signed notes (C2SP) over size
 * and root. A part of the trail begins with the roots of the full subtrees before it and ends with a consistency proof.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const base64 = (text) => Buffer.from(String(text), 'base64');

const members =
  'action actorId after at before entityId entityType id mac macVersion onBehalfOf reason requestId retentionClass tenantId';

/** SHA-256 of 0x00 and the entry's canonical JSON; undefined where it has other members. */
function leafOf(entry) {
  const names = Object.keys(entry).sort();
  if (names.join(' ') !== members) return undefined;
  const text = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(entry[name])}`).join(',');
  return sha256(Buffer.of(0), `{${text}}`);
}

/** The right edge of a growing tree: roots of the full subtrees it consists of. */
class Frontier {
  constructor(size = 0, roots = []) {
    Object.assign(this, { size, roots: [...roots] });
  }
  append(leaf) {
    let hash = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(this.roots.pop(), hash);
    this.roots.push(hash);
    this.size += 1;
  }
  root() {
    return this.roots.length === 0 ? sha256() : this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** RFC 9162, 2.1.4.2: whether the tree of `second` leaves begins with that of `first`. */
function isConsistent(first, second, firstRoot, secondRoot, proof) {
  if (first < 1 || first >= second) return false;
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  let [fn, sn] = [first - 1, second - 1];
  const up = () => ([fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]);
  while (fn % 2 === 1) up();
  let [fr, sr] = [path[0], path[0]];
  for (const node of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(node, fr), nodeHash(node, sr)];
      while (fn % 2 === 0 && fn !== 0) up();
    } else sr = nodeHash(sr, node);
    up();
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot);
}

/** The text of a note that one of `keys` signed; undefined where none did. */
function signedText(note, keys) {
  const found = /^((?:[^\n]+\n)+)\n— ([^ +\n]+) ([A-Za-z0-9+/=]+)\n$/.exec(String(note));
  const key = found && keys.find(({ name }) => name === found[2]);
  if (!key || base64(found[3]).toString('base64') !== found[3]) return undefined;
  const signature = base64(found[3]);
  const id = sha256(`${key.name}\n\x01`, key.raw).subarray(0, 4);
  if (signature.length !== 68 || !signature.subarray(0, 4).equals(id)) return undefined;
  return verify(null, Buffer.from(found[1]), key.object, signature.subarray(4)) ? found[1] : undefined;
}

function readCheckpoint(note, keys, tenantId) {
  const [origin, size, root, time] = (signedText(note, keys) ?? '').split('\n');
  if (origin !== `tradeai/audit/${tenantId}` || !time?.startsWith('time ')) return undefined;
  return { size: Number(size), root: base64(root), at: time.slice(5) };
}

function keyOf({ generation, publicKey }) {
  const raw = base64(publicKey);
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  return { name: `tradeai-audit-${generation}`, raw, object: createPublicKey({ key, format: 'der', type: 'spki' }) };
}

/** Checks the lines of an export; `trustedKey`: base64 of the first generation's key; `against`: notes from outside. */
export async function verifyExport(lines, { trustedKey, against = [] }) {
  const [faults, keys, dropped, outside] = [[], [], [], new Map()];
  const fault = (what) => faults.push(what);
  let [tenantId, part, ending, tree, entries, checkpoints, newest] = ['', false, 0, new Frontier(), 0, 0, 0];
  let [from, to, signedAt, waiting] = [0, 0, 'never', [...against]];
  const take = {
    header: (line) => {
      if (tenantId !== '') return fault('a second header');
      if (line.format === 'tradeai-audit-export' && line.version === 1) ({ tenantId, to } = line);
    },
    key: (line) => {
      const key = keyOf(line);
      const text = `tradeai/audit-key\n${key.name}\n${key.raw.toString('base64')}\n`;
      const sound = keys[0] ? signedText(line.voucher, keys.slice(-1)) === text : line.publicKey === trustedKey;
      if (sound) keys.push(key);
      else fault(`key ${line.generation}: ${keys[0] ? 'nobody vouches for it' : 'not the key you trust'}`);
    },
    dropped: ({ note }) => {
      const [origin, retentionClass, span, size, root] = (signedText(note, keys) ?? '').split('\n');
      if (origin !== `tradeai/audit-dropped/${tenantId}`) return fault('a record of dropped entries is not signed');
      const [starts, ends] = span.split(' ').map((at) => Date.parse(at));
      dropped.push({ retentionClass, starts, ends, size: Number(size), root, leaves: new Frontier() });
    },
    before: ({ size, roots }) => {
      // Anywhere else it would leave the entries above it under no signature.
      if (part || size < 1 || entries + tree.size > 0) return fault('a part of the trail begins in the midst of it');
      [part, from, tree] = [true, size, new Frontier(size, roots.map(base64))];
    },
    entry: ({ seq, entry }) => {
      entries += 1;
      const leaf = leafOf(entry);
      if (!leaf || entry.tenantId !== tenantId) return fault(`entry ${seq}: not an entry of this trail`);
      append(seq, leaf, entry.retentionClass, entry.at);
    },
    leaf: ({ seq, hash, retentionClass, at }) => {
      if (!append(seq, base64(hash), retentionClass, at)) fault(`entry ${seq}: is gone, and no signed record says so`);
    },
    checkpoint: ({ note }) => {
      const said = readCheckpoint(note, keys, tenantId);
      if (said?.size !== tree.size) return fault(`checkpoint after ${tree.size} entries: not signed for that size`);
      if (!said.root.equals(tree.root())) return fault(`checkpoint of ${said.size}: the entries have another root`);
      checkpoints += 1;
      [newest, signedAt] = [said.size, said.at];
    },
    consistency: ({ path, note }) => {
      const said = readCheckpoint(note, keys, tenantId);
      if (!said || !isConsistent(tree.size, said.size, tree.root(), said.root, path.map(base64)))
        return fault('the last entry does not lead to the signed checkpoint');
      [part, ending, newest, signedAt] = [true, said.size, tree.size, said.at];
    },
  };
  /** Adds a leaf, and answers how many records of dropped entries it belongs to. */
  const append = (seq, leaf, retentionClass, at) => {
    if (seq !== tree.size) fault(`entry ${seq}: stands at place ${tree.size}`);
    tree.append(leaf);
    for (const root of outside.get(tree.size) ?? [])
      if (root !== tree.root().toString('base64')) fault(`outside checkpoint of ${tree.size}: another root`);
    outside.delete(tree.size);
    const time = Date.parse(at);
    const own = dropped.filter((one) => one.retentionClass === retentionClass && time >= one.starts && time < one.ends);
    for (const one of own) one.leaves.append(leaf);
    return own.length;
  };
  const readOutside = () => {
    for (const note of waiting.filter((one) => one.startsWith(`tradeai/audit/${tenantId}\n`))) {
      const said = readCheckpoint(note, keys, tenantId);
      if (!said) fault('a checkpoint from outside is not signed by this product');
      else outside.set(said.size, [...(outside.get(said.size) ?? []), said.root.toString('base64')]);
    }
    if (waiting.length > 0 && outside.size === 0) fault('no checkpoint from outside is about this trail');
    waiting = [];
  };
  for await (const text of lines) {
    try {
      const line = JSON.parse(text);
      if (!['header', 'key'].includes(line.kind)) readOutside();
      take[line.kind](line);
    } catch (error) {
      fault(`a line cannot be read: ${error.message}`);
    }
  }
  readOutside();
  if (tenantId === '') fault('not an export that this script knows');
  for (const size of outside.keys())
    if (size > Math.max(tree.size, ending)) fault(`outside checkpoint of ${size}: newer, or the trail ends before it`);
  for (const { leaves, size, root, retentionClass } of part ? [] : dropped) {
    if (leaves.size !== size || leaves.root().toString('base64') !== root)
      fault(`the record of dropped ${retentionClass} entries is not about these entries`);
  }
  if (newest !== tree.size) fault('the last entries are under no signed checkpoint');
  if (to !== tree.size) fault(`the export ends after ${tree.size} leaves, not after ${to}`);
  return { tenantId, part, from, entries, size: tree.size, checkpoints, signedAt, faults };
}

async function main(args) {
  const options = { key: { type: 'string' }, against: { type: 'string' } };
  const { values: given, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [[file], { key: trustedKey, against: kept }] = [positionals, given];
  if (!file || !trustedKey) throw new Error('needs an export and --key <base64>: see the first lines of this file');
  const notes = kept ? `${readFileSync(kept, 'utf8')}\n`.match(/^tradeai\/audit\/(?:[^\n]+\n)+\n— [^\n]+\n/gm) : [];
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const { faults, ...found } = await verifyExport(lines, { trustedKey, against: notes ?? ['none'] });
  for (const what of faults.slice(0, 100)) process.stderr.write(`${what}\n`);
  const what = found.part ? `leaves ${found.from} to ${found.size}, a part of the trail` : 'the whole trail';
  process.stdout.write(`tenant ${found.tenantId}: ${what}, last signed ${found.signedAt}\n`);
  process.stdout.write(`${found.entries} entries, ${found.checkpoints} checkpoints, ${faults.length} faults\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));

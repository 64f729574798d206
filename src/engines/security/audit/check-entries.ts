import { hash as digest, timingSafeEqual } from 'node:crypto';
import { macPads, macVersion } from './audit-entry.ts';
import { CopiedEntries } from './copied-entries.ts';

/** Why an entry is not as it was written; `missing`: it was there, `never sealed`: nobody recorded it through the product. */
export type EntryFault = 'changed' | 'unknown version' | 'not what was sealed' | 'missing' | 'never sealed';

/** What a look at rows found. */
export interface EntryCheck {
  entries: number;
  /** Entries that wait for their seal. */
  waiting: number;
  faults: { id: string; reason: EntryFault }[];
  /** Seals without an entry, with the instant of each: dropped after its time, or deleted. */
  missing: { id: string; retentionClass: string; at: string }[];
}

/** Compares MACs in a time that does not tell how far a guess was right. */
class MacCheck {
  readonly #outer = Buffer.alloc(96);
  readonly #right = Buffer.alloc(64);
  readonly #given = Buffer.alloc(64);

  constructor(secretKey: string, tenantId: string) {
    this.#outer.set(macPads(secretKey, tenantId).outer);
  }

  /** Whether `mac` (hexadecimal) is that of a message, which comes with the inner pad in front. */
  holds(message: Buffer, mac: string): boolean {
    // Digests as text cost a third of those as buffers.
    this.#outer.write(digest('sha256', message, 'binary'), 64, 'binary');
    this.#right.write(digest('sha256', this.#outer, 'hex'), 'latin1');
    this.#given.write(mac, 'latin1');
    return mac.length === 64 && timingSafeEqual(this.#right, this.#given);
  }
}

/** Checks rows of COPY's text format as `copyEntries` gives them, each a seal with its entry, or one of the two alone. */
export function checkEntries(copied: Uint8Array, secretKey: string, tenantId: string): EntryCheck {
  const rows = new CopiedEntries(copied, secretKey, tenantId);
  const macs = new MacCheck(secretKey, tenantId);
  const found: EntryCheck = { entries: 0, waiting: 0, faults: [], missing: [] };
  while (rows.more()) {
    const [missing, at, retentionClass] = [rows.plain(), rows.plain(), rows.plain()];
    const [sealed, waits, id] = [rows.plain(), rows.plain(), rows.plain()];
    const message = rows.message();
    const [version, mac] = [rows.plain() ?? '', rows.plain() ?? ''];
    const leaf = rows.leaf(mac, version);
    if (id === null) {
      found.missing.push({ id: missing ?? '', at: at ?? '', retentionClass: retentionClass ?? '' });
      continue;
    }
    found.entries += 1;
    const reason = ((): EntryFault | undefined => {
      if (version !== String(macVersion)) return 'unknown version';
      if (!macs.holds(message, mac)) return 'changed';
      if (sealed === null) return waits === 't' ? undefined : 'never sealed';
      return digest('sha256', leaf, 'hex') === sealed ? undefined : 'not what was sealed';
    })();
    if (reason) found.faults.push({ id, reason });
    else if (sealed === null) found.waiting += 1;
  }
  return found;
}

import { macPads } from './audit-entry.ts';

/** The bytes that mean something in COPY's text format or in JSON. */
const [tab, newline, quote, backslash] = [9, 10, 34, 92];
const [space, point, zero] = [32, 46, 48];
const letter = { N: 78, T: 84, Z: 90, v: 118 };

/** Room for a MAC's inner pad, in front of what it is of. */
const padBytes = 64;
/** What a byte grows to at most: a control character is six. */
const maxGrowth = 6;
/** More than the names of all members and the tenant together. */
const namesBytes = 1_024;

const names = (...list: string[]) => list.map((name) => Buffer.from(name));
const beforeAt = names('{"action":', ',"actorId":', ',"after":');
const atName = Buffer.from(',"at":"');
const afterAt = names(',"before":', ',"entityId":', ',"entityType":', ',"id":');
const secondHalf = names(',"onBehalfOf":', ',"reason":', ',"requestId":');
const className = Buffer.from(',"retentionClass":');

/**
 * Goes through rows of COPY's text format and writes what was authenticated and what was sealed of an entry: canonical
 * JSON, whose members the columns follow. Byte by byte, since the two formats differ in quotes and few control characters
 * only, and texts for a million entries cost three times as much.
 */
export class CopiedEntries {
  readonly #rows: Buffer;
  readonly #pad: Buffer;
  readonly #tenant: Buffer;
  /** Where the next column begins. */
  #next = 0;
  /** The pad, the message, and behind it the retention class. */
  #message: Buffer = Buffer.alloc(0);
  #end = 0;
  #firstEnd = 0;
  #secondEnd = 0;
  #leaf: Buffer = Buffer.alloc(0);

  constructor(rows: Uint8Array, secretKey: string, tenantId: string) {
    this.#rows = Buffer.from(rows.buffer, rows.byteOffset, rows.length);
    this.#pad = macPads(secretKey, tenantId).inner;
    this.#tenant = Buffer.from(`,"tenantId":"${tenantId}"}`);
  }

  /** Whether there is another row. */
  more(): boolean {
    if (this.#next >= this.#rows.length) return false;
    const length = this.#rows.indexOf(newline, this.#next) - this.#next;
    const room = padBytes + namesBytes + maxGrowth * length;
    if (this.#message.length < room) {
      this.#message = Buffer.alloc(room);
      this.#message.set(this.#pad);
      this.#leaf = Buffer.alloc(room);
    }
    return true;
  }

  /** The next column as it was copied; null where it is null. */
  plain(): string | null {
    const start = this.#next;
    this.#skip();
    return this.#isNull(start) ? null : this.#rows.toString('latin1', start, this.#next - 1);
  }

  /** Takes the columns that are authenticated; answers what the inner hash of the MAC is of. */
  message(): Buffer {
    this.#end = padBytes;
    for (const name of beforeAt) this.#member(name);
    this.#write(atName);
    this.#instant();
    for (const name of afterAt) this.#member(name);
    this.#firstEnd = this.#end;
    for (const name of secondHalf) this.#member(name);
    this.#secondEnd = this.#end;
    this.#write(this.#tenant);
    return this.#message.subarray(0, this.#end);
  }

  /** Takes the last column, the retention class; answers the leaf of the entry of the last {@link message}. */
  leaf(mac: string, version: string): Buffer {
    const [message, leaf, classAt] = [this.#message, this.#leaf, this.#end];
    this.#member(className);
    let end = 1 + message.copy(leaf, 1, padBytes, this.#firstEnd);
    end += leaf.write(`,"mac":"${mac}","macVersion":${version}`, end, 'latin1');
    end += message.copy(leaf, end, this.#firstEnd, this.#secondEnd);
    end += message.copy(leaf, end, classAt, this.#end);
    end += this.#tenant.copy(leaf, end);
    return leaf.subarray(0, end);
  }

  /** Leaves the next column out. */
  #skip(): void {
    const rows = this.#rows;
    let next = this.#next;
    while (rows[next] !== tab && rows[next] !== newline) next += 1;
    this.#next = next + 1;
  }

  #isNull(start: number): boolean {
    return this.#rows[start] === backslash && this.#rows[start + 1] === letter.N;
  }

  #write(bytes: Buffer): void {
    const message = this.#message;
    const end = this.#end;
    const { length } = bytes;
    for (let at = 0; at < length; at++) message[end + at] = bytes[at] as number;
    this.#end = end + length;
  }

  /** A member of the message: its name, and the next column as JSON. */
  #member(name: Buffer): void {
    this.#write(name);
    if (this.#isNull(this.#next)) {
      this.#end += this.#message.write('null', this.#end, 'latin1');
      this.#next += 3;
    } else this.#text();
  }

  /** A text: COPY escapes what ends a line or a column as JSON does, and leaves quotes and some control characters. */
  #text(): void {
    const rows = this.#rows;
    const message = this.#message;
    let from = this.#next;
    let to = this.#end;
    message[to++] = quote;
    for (let byte = rows[from++] as number; byte !== tab && byte !== newline; byte = rows[from++] as number) {
      if (byte < space) to += message.write(escapeOf(byte), to, 'latin1');
      else if (byte === backslash && rows[from] === letter.v) {
        to += message.write(escapeOf(0x0b), to, 'latin1');
        from += 1;
      } else {
        if (byte === quote) message[to++] = backslash;
        message[to++] = byte;
        if (byte === backslash) message[to++] = rows[from++] as number;
      }
    }
    message[to++] = quote;
    this.#next = from;
    this.#end = to;
  }

  /**
   * The next column, an instant like `2026-12-01 00:00:00.5`, in ISO 8601 and UTC, to the millisecond where nothing finer is
   * in it. What looks otherwise is nothing that was ever authenticated, and stays.
   */
  #instant(): void {
    const rows = this.#rows;
    const message = this.#message;
    const start = this.#next;
    this.#skip();
    const length = this.#next - 1 - start;
    let to = this.#end;
    for (let at = 0; at < length; at++) message[to++] = rows[start + at] as number;
    if (rows[start + 10] === space && (length === 19 || rows[start + 19] === point)) {
      message[this.#end + 10] = letter.T;
      if (length === 19) message[to++] = point;
      for (let digits = Math.max(0, length - 20); digits < 3; digits++) message[to++] = zero;
      message[to++] = letter.Z;
    }
    message[to++] = quote;
    this.#end = to;
  }
}

const escapeOf = (byte: number) => `\\u${byte.toString(16).padStart(4, '0')}`;

import { inflateRawSync } from 'node:zlib';
import { refuseFile } from './file-source.ts';

/** Largest part of a workbook after decompression. */
const maxEntryBytes = 256 << 20;
/** Most parts of a workbook. */
const maxEntries = 5_000;

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;

/** The parts of a ZIP archive (PKWARE APPNOTE 6.3, without ZIP64 and encryption) by name; each is unpacked when asked. */
export function zipEntries(bytes: Buffer): Map<string, () => Buffer> {
  const damaged = (): never => refuseFile('The spreadsheet is damaged: it does not unpack.');
  let end = bytes.length - 22;
  const earliest = Math.max(0, end - 65_535);
  while (end >= earliest && bytes.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < earliest) return damaged();
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count > maxEntries) damaged();
  const entries = new Map<string, () => Buffer>();
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== centralSignature) return damaged();
    const nameLength = bytes.readUInt16LE(at + 28);
    const entry = {
      method: bytes.readUInt16LE(at + 10),
      size: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    };
    entries.set(bytes.toString('utf8', at + 46, at + 46 + nameLength), () => unpack(bytes, entry, damaged));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function unpack(bytes: Buffer, entry: { method: number; size: number; offset: number }, damaged: () => never): Buffer {
  const { offset, size, method } = entry;
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== localSignature) return damaged();
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const packed = bytes.subarray(start, start + size);
  if (packed.length !== size) return damaged();
  if (method === 0) return packed;
  if (method !== 8) return refuseFile('The spreadsheet is packed in a way that is not supported.');
  try {
    return inflateRawSync(packed, { maxOutputLength: maxEntryBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      return refuseFile('The spreadsheet is too large: save it as CSV and send that.', error);
    }
    return damaged();
  }
}

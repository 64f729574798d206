/** Beginnings of the files that are taken as papers. */
const signatures: readonly [mediaType: string, bytes: readonly number[]][] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
];

/** A table as text: UTF-8 without control characters, and every full line with as many separators as the first. */
function isCsv(content: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return false;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells a binary file
  if (/[\x00-\x08\x0e-\x1f]/.test(text) || /^\s*</.test(text)) return false;
  const lines = text
    .replace(/"[^"]*"/g, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  return [',', ';', '\t'].some((mark) => {
    const first = (lines[0] ?? '').split(mark).length;
    return first > 1 && lines.slice(0, 50).every((line) => line.split(mark).length === first);
  });
}

/** What a file holds by its content, whatever it is called: PDF, PNG, JPEG or CSV; null for anything else. */
export function sniffMediaType(content: Uint8Array): string | null {
  const known = signatures.find(([, bytes]) => bytes.every((byte, at) => content[at] === byte));
  if (known) return known[0];
  return content.length > 0 && isCsv(content) ? 'text/csv' : null;
}

/** A file of a packet. */
export interface PacketFile {
  path: string;
  bytes: Uint8Array;
}

/** Rows of one table of the index: a heading, column names, cells. */
export interface PacketTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What a packet says: its title, tables for people, everything for programs, and the papers. */
export interface PacketContent {
  title: string;
  tables: readonly PacketTable[];
  data: unknown;
  papers: readonly { path: string; bytes: Uint8Array }[];
}

const encoder = new TextEncoder();

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

/** A cell of CSV; one that a spreadsheet would take for a formula starts with an apostrophe. */
function csvCell(text: string): string {
  const plain = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function tableHtml({ title, columns, rows }: PacketTable): string {
  const head = columns.map((name) => `<th>${html(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`).join('\n');
  const none =
    rows.length === 0 ? '<p>None.</p>' : `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
  return `<h2>${html(title)}</h2>\n${none}`;
}

const style =
  'body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1c2430}table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border:1px solid #ccd3db;padding:.25rem .6rem;text-align:left;vertical-align:top}th{background:#f2f5f8}';

function indexHtml({ title, tables }: PacketContent): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${html(title)}</title><style>${style}</style></head><body>\n<h1>${html(title)}</h1>\n${tables.map(tableHtml).join('\n')}\n</body></html>\n`;
}

function indexCsv({ tables }: PacketContent): string {
  const lines = tables.flatMap(({ title, columns, rows }) => [
    [title],
    [...columns],
    ...rows.map((cells) => [...cells]),
    [],
  ]);
  return `${lines.map((cells) => cells.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

/** The files of a packet: an index to read, the same as CSV, everything as JSON, and the papers. */
export function packetFiles(content: PacketContent): PacketFile[] {
  return [
    { path: 'index.html', bytes: encoder.encode(indexHtml(content)) },
    { path: 'index.csv', bytes: encoder.encode(indexCsv(content)) },
    { path: 'packet.json', bytes: encoder.encode(`${JSON.stringify(content.data, null, 2)}\n`) },
    ...content.papers,
  ];
}

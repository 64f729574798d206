import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { fileInMemory, inspectFile } from './file-source.ts';
import { openRows } from './open-rows.ts';

/** A ZIP archive of deflated parts. */
function zip(parts: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(centrals.length, 8);
  end.writeUInt16LE(centrals.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

const workbook = (sheet: string) =>
  zip({
    'xl/workbook.xml':
      '<workbook><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/><sheet name="Other" sheetId="2" r:id="rId2"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
    'xl/sharedStrings.xml':
      '<sst><si><t>code</t></si><si><r><t>star</t></r><r><t xml:space="preserve">ts_on</t></r></si><si><t>A &amp; B &#x263A;</t></si></sst>',
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0.00&quot;day&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/worksheets/sheet2.xml':
      '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>second</t></is></c></row></sheetData></worksheet>',
  });

async function rowsOf(bytes: Buffer, sheet?: string): Promise<string[][]> {
  const source = fileInMemory(bytes);
  const facts = await inspectFile(source);
  const rows: string[][] = [];
  for await (const row of await openRows(source, facts, sheet)) rows.push(row);
  return rows;
}

const header =
  '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>units</t></is></c></row>';

test('a workbook is read with its shared and inline strings, dates, numbers and flags', async () => {
  const sheet = `${header}
    <row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" s="1"><v>46023</v></c><c r="C2"><v>0.30000000000000004</v></c></row>
    <row r="3"/>
    <row r="4"><c r="A4" t="b"><v>1</v></c><c r="B4" s="2"><v>46023.75</v></c><c r="C4" t="str"><v>x</v></c></row>
    <row r="5"><c r="C5" s="3"><v>1E-3</v></c></row>`;
  assert.deepEqual(await rowsOf(workbook(sheet)), [
    ['code', 'starts_on', 'units'],
    ['A & B ☺', '2026-01-01', '0.3'],
    ['1', '2026-01-01', 'x'],
    ['', '', '0.001'],
  ]);
});

test('merged cells and formulas are refused with the place where they are', async () => {
  const merged = `${header}<row r="2"><c r="A2"><v>1</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>`;
  await assert.rejects(rowsOf(workbook(merged)), { code: 'import.refused', message: /merged cells \(A2:A3\)/ });
  const formula = `${header}<row r="2"><c r="A2"><v>1</v></c><c r="C2" t="str"><f>A1&amp;B1</f><v>x</v></c></row>`;
  await assert.rejects(rowsOf(workbook(formula)), { code: 'import.refused', message: /formulas \(C2\)/ });
});

test('a gzipped workbook is read too, and another sheet by its name', async () => {
  assert.deepEqual(await rowsOf(gzipSync(workbook(header)), 'Other'), [['second']]);
  await assert.rejects(rowsOf(workbook(header), 'None'), { code: 'import.refused', message: /"None"/ });
});

test('what is no workbook, or a damaged one, is refused in plain words', async () => {
  const whole = workbook(header);
  await assert.rejects(rowsOf(zip({ 'a.txt': 'x' })), { code: 'import.refused', message: /not an XLSX/ });
  await assert.rejects(rowsOf(whole.subarray(0, whole.length - 40)), { code: 'import.refused', message: /damaged/ });
  for (let at = 4; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken.writeUInt8(broken.readUInt8(at) ^ 0xff, at);
    try {
      await rowsOf(broken);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'import.refused', `byte ${at}: ${error}`);
    }
  }
});

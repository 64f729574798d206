import PDFDocument from 'pdfkit';
import type { ComplianceReport, Standing } from './compile-report.ts';

const margin = 48;
const pageWidth = 595.28;
const width = pageWidth - 2 * margin;
/** Height kept free for a block, so that a title never stands alone at the foot of a page. */
const leastBlock = 70;

const standings: Readonly<Record<Standing, { word: string; colour: string }>> = {
  holds: { word: 'holds', colour: '#1b6e3c' },
  fails: { word: 'FAILS', colour: '#b3261e' },
  unproved: { word: 'not proved here', colour: '#8a5a00' },
  stale: { word: 'evidence too old', colour: '#8a5a00' },
  never: { word: 'never looked at', colour: '#8a5a00' },
};

/** Signs of formulas that {@link printable} spells. */
const spelt: Readonly<Record<string, string>> = { '−': '–', Σ: 'sum of', '≤': '<=', '≥': '>=', '≠': '<>', '→': '->' };

/**
 * The text in what the fonts that every reader has know: Western European letters (WinAnsi). Signs of formulas are spelt,
 * letters of others lose their marks, and what is left would come out as a wrong one, so it is shown as "?".
 */
export function printable(text: string): string {
  return text.normalize('NFC').replace(/[^\n\u0020-\u007e\u00a0-\u00ff–—‘’“”…•€]/gu, (sign) => {
    const bare = sign.normalize('NFD').replace(/\p{M}/gu, '');
    return spelt[sign] ?? (/^[\u0020-\u007e]+$/.test(bare) ? bare : '?');
  });
}

/** The report as a PDF. */
export async function reportPdf(report: ComplianceReport): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    margin,
    bufferPages: true,
    info: { Title: `${report.name}: compliance report`, Author: 'TRADEAI', CreationDate: report.compiledAt },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => doc.once('end', resolve).once('error', reject));
  writeHead(doc, report);
  writeControls(doc, report);
  writeFindings(doc, report);
  writePageNumbers(doc);
  doc.end();
  await ended;
  return Buffer.concat(chunks);
}

function writeHead(doc: PDFDocument, report: ComplianceReport): void {
  doc.font('Helvetica-Bold').fontSize(18).fillColor('#111').text(printable(report.name), { width });
  const at = `${report.compiledAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  doc
    .font('Helvetica')
    .fontSize(10)
    .fillColor('#555')
    .text(`Compliance report of ${printable(report.tenant)}, compiled ${at}`, { width });
  doc.moveDown(0.5).fillColor('#111').text(printable(report.scope), { width }).moveDown();
  const count = (standing: Standing) => report.controls.filter((one) => one.standing === standing).length;
  const overdue = report.findings.filter((finding) => finding.overdue).length;
  const words = `${report.controls.length} controls: ${count('holds')} hold, ${count('fails')} fail, ${count('unproved') + count('stale') + count('never')} without evidence. ${report.findings.length} open findings, ${overdue} overdue.`;
  doc.font('Helvetica-Bold').text(words, { width }).moveDown();
}

function block(doc: PDFDocument): void {
  if (doc.y > doc.page.height - doc.page.margins.bottom - leastBlock) doc.addPage();
}

function heading(doc: PDFDocument, text: string): void {
  block(doc);
  doc
    .moveDown()
    .font('Helvetica-Bold')
    .fontSize(13)
    .fillColor('#111')
    .text(text, { width })
    .moveDown(0.4)
    .fontSize(9.5);
}

function writeControls(doc: PDFDocument, report: ComplianceReport): void {
  heading(doc, 'Controls and their evidence');
  for (const { control, standing, evidence } of report.controls) {
    block(doc);
    const { word, colour } = standings[standing];
    doc
      .font('Helvetica-Bold')
      .fillColor('#111')
      .text(`${printable(control.title)}  `, { width, continued: true });
    doc.fillColor(colour).text(word);
    doc.font('Helvetica').fillColor('#333').text(printable(control.statement), { width });
    const by = control.evidence.kind === 'query' ? 'by a question to the data' : 'by tests';
    const seen = evidence ? `${evidence.at.toISOString().slice(0, 10)}: ${evidence.measured}` : 'no evidence yet';
    doc
      .fillColor('#555')
      .text(
        printable(`${control.code} · ${control.ownerRole} · shown ${by} every ${control.everyDays} days · ${seen}`),
        { width },
      );
    for (const exception of evidence?.exceptions ?? [])
      doc.fillColor('#b3261e').text(printable(`• ${exception}`), { width });
    doc.moveDown(0.7);
  }
}

function writeFindings(doc: PDFDocument, report: ComplianceReport): void {
  heading(doc, 'Open findings');
  if (report.findings.length === 0) doc.font('Helvetica').fillColor('#333').text('None.', { width });
  for (const finding of report.findings) {
    block(doc);
    doc.font('Helvetica-Bold').fillColor('#111').text(printable(finding.title), { width });
    const due = `due ${finding.dueOn}${finding.overdue ? ' (overdue)' : ''}`;
    const owner = finding.ownerName ?? 'nobody yet';
    doc.font('Helvetica').fillColor(finding.overdue ? '#b3261e' : '#555');
    doc.text(
      printable(
        `${finding.severity} · ${due} · owner: ${owner} · opened ${finding.openedAt.toISOString().slice(0, 10)}`,
      ),
      { width },
    );
    doc.fillColor('#333').text(printable(finding.detail), { width }).moveDown(0.7);
  }
}

function writePageNumbers(doc: PDFDocument): void {
  const { start, count } = doc.bufferedPageRange();
  for (let i = start; i < start + count; i += 1) {
    doc.switchToPage(i);
    // Below the margin PDFKit would begin a new page for it.
    doc.page.margins.bottom = 0;
    doc.font('Helvetica').fontSize(8).fillColor('#777');
    doc.text(`${i - start + 1} of ${count}`, margin, doc.page.height - 32, { width, align: 'right', lineBreak: false });
  }
}

import type { Page } from 'playwright-core';

/**
 * What may stand on a screen without opening: columns and boxes by their heading, with the reason. Everything else that
 * reads as money, units or a ratio opens, or says in `data-plain` why it does not.
 */
const plainHeadings: Readonly<Record<string, string>> = {
  Rows: 'a count',
  Tactics: 'a count',
  'Tactics read': 'a count',
  Batches: 'a count',
  Movements: 'a count',
  Promotions: 'a count',
  Products: 'a count',
  Entries: 'a count',
  Permissions: 'a count',
  Sessions: 'a count',
  'Incidents, 30 days': 'a count',
  'To do': 'a count',
  'Open tasks': 'a count of the list that the box links to',
  'Decisions today': 'a count',
  Earned: 'a count of events',
  Read: 'a count of rows of a file',
  Stored: 'a count of rows of a file',
  Unchanged: 'a count of rows of a file',
  Quarantined: 'a count of rows of a file',
  Period: 'a fiscal period',
  Record: 'the end of an id',
  'Reason code': 'a code',
  'GL account': 'a code',
  Code: 'a code',
  Product: 'names and codes',
  Customer: 'names and codes',
  Promotion: 'names and codes',
  Tier: 'a place in a list',
};

/** Runs in the page: every text that reads as a number and neither opens nor is allowed to stand plain. */
const collect = (allowed: readonly string[]) => `(() => {
  const allowed = new Set(${JSON.stringify(allowed)});
  const number = /^[+\\u2212-]?[×]?\\d[\\d,]*(\\.\\d+)?(\\s?%|\\spp)?(\\s[A-Z]{3})?(\\s(units|cases))?$/;
  const amount = /\\d[\\d,]*\\.\\d{2}(\\s|\\u00a0)[A-Z]{3}\\b/;
  const opens = '.figure, [data-plain], .interval, .figure-sheet, input, textarea, select, th, a, svg, .tag, .kbd, .state, .mantine-SegmentedControl-root, [role=img]';
  const headingOf = (element) => {
    const kpi = element.closest('.kpi');
    if (kpi) return kpi.querySelector('.label')?.textContent?.trim() ?? '';
    const cell = element.closest('td');
    const table = cell?.closest('table');
    if (!cell || !table) return '';
    const before = [...cell.parentElement.children].slice(0, [...cell.parentElement.children].indexOf(cell));
    const at = before.reduce((sum, one) => sum + (one.colSpan || 1), 0);
    const heads = [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
    let passed = 0;
    for (const head of heads) { passed += head.colSpan || 1; if (passed > at) return head.textContent.trim().replace(/ [↑↓]$/, ''); }
    return '';
  };
  const found = [];
  const roots = document.querySelectorAll('.screen, [role=dialog]:not(:has(.figure-sheet))');
  const textsIn = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node);
    return texts;
  };
  for (const node of [...roots].flatMap(textsIn)) {
    const text = node.textContent.trim();
    const element = node.parentElement;
    if (!text || !element || element.closest(opens)) continue;
    const inData = element.closest('td, .kpi, .item, .panel-body, .row, [role=dialog]');
    const isBare = /^\\d{1,3}$/.test(text) && !element.closest('td, .kpi');
    if (!inData || isBare || !(number.test(text) || amount.test(text))) continue;
    const heading = headingOf(element);
    if (allowed.has(heading)) continue;
    found.push((heading ? heading + ': ' : '') + text + ' <' + (inData.className || 'td') + '>');
  }
  return { found, opening: document.querySelectorAll('.screen .figure').length };
})()`;

/** Numbers on the page's screen and in its open dialogs that do not open, and how many do. */
export async function closedNumbers(page: Page): Promise<{ found: string[]; opening: number }> {
  return (await page.evaluate(collect(Object.keys(plainHeadings)))) as { found: string[]; opening: number };
}

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runClaimsAccuracy } from './accuracy-claims.ts';
import { runDetectionAccuracy } from './accuracy-detection.ts';
import { type AccuracyReport, runFratAccuracy } from './accuracy-frat.ts';

const DEMO_SCRIPT = new URL('./accuracy-demo.ts', import.meta.url);

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

async function runDemo(): Promise<AccuracyReport> {
  const script = (await import(DEMO_SCRIPT.href)) as { runDemoAccuracy: () => Promise<AccuracyReport> };
  return script.runDemoAccuracy();
}

const parts: [string, () => Promise<AccuracyReport>][] = [];
if (values.data && (values.only ?? 'frat') === 'frat')
  parts.push(['frat', () => runFratAccuracy(values.data!, values.quick)]);
if (existsSync(DEMO_SCRIPT) && (values.only ?? 'demo') === 'demo') parts.push(['demo', runDemo]);
if (values.only === undefined || values.only === 'claims') parts.push(['claims', async () => runClaimsAccuracy()]);
if (values.only === undefined || values.only === 'detection') parts.push(['detection', runDetectionAccuracy]);
if (parts.length === 0) {
  console.error('nothing to score: name a data folder with --data <dir>');
  process.exit(2);
}

let ok = true;
for (const [name, run] of parts) {
  const report = await run();
  for (const line of report.lines) console.log(line);
  console.log(`\n${name}: ${report.ok ? 'every hard target is met' : 'a hard target is missed'}\n`);
  ok &&= report.ok;
}
process.exitCode = ok ? 0 : 1;

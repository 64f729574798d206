/**
 * Conformance suites that others wrote, asked of this product: `npm run conformance [-- --suites <folder>]`.
 * Prints passed, failed and skipped a suite, every skip by its reason; ends with 1 where one vector is wrong.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aesGcm } from './conformance/aes-gcm.ts';
import { jose } from './conformance/jose.ts';

const { values } = parseArgs({ options: { suites: { type: 'string', default: '../shared/suites' } } });
const joseFolder = join(values.suites, 'jose');
if (!existsSync(joseFolder)) {
  console.error(`There are no suites in ${values.suites}: give their folder with --suites.`);
  process.exit(2);
}

const results = [await aesGcm(join(joseFolder, 'aes_gcm_test.json')), ...(await jose(joseFolder))];
for (const { suite, passed, failed, skipped } of results) {
  const left = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${suite.padEnd(18)} ${passed} passed, ${failed.length} failed, ${left} skipped`);
  for (const line of failed) console.log(`  wrong: ${line}`);
  for (const [reason, count] of skipped) console.log(`  skipped ${count}: ${reason}`);
}
if (results.some(({ failed }) => failed.length > 0)) process.exit(1);

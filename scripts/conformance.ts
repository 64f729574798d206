/**
 * Conformance suites that others wrote, asked of this product: `npm run conformance [-- --suites <folder> --vectors]`.
 * Prints passed, failed and skipped a suite, every skip by its reason (with --vectors every vector by its name); ends with 1
 * where one vector is wrong, or where fewer pass than the suite's target asks for: there a skip counts as not passed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aesGcm } from './conformance/aes-gcm.ts';
import { bpmn } from './conformance/bpmn.ts';
import { dmn, dmnTargets } from './conformance/dmn.ts';
import { jose } from './conformance/jose.ts';

const { values } = parseArgs({
  options: { suites: { type: 'string', default: '../shared/suites' }, vectors: { type: 'boolean', default: false } },
});
const joseFolder = join(values.suites, 'jose');
if (!existsSync(joseFolder)) {
  console.error(`There are no suites in ${values.suites}: give their folder with --suites.`);
  process.exit(2);
}

const models = await bpmn(join(values.suites, 'bpmn-miwg'));
const results = [
  await aesGcm(join(joseFolder, 'aes_gcm_test.json')),
  ...(await jose(joseFolder)),
  ...(await dmn(join(values.suites, 'dmn-tck'))),
  ...models,
];
let isMissed = false;
for (const { suite, passed, failed, skipped, vectors } of results) {
  const left = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${suite.padEnd(18)} ${passed} passed, ${failed.length} failed, ${left} skipped`);
  for (const line of failed) console.log(`  wrong: ${line}`);
  for (const [reason, count] of skipped) console.log(`  skipped ${count}: ${reason}`);
  if (values.vectors) for (const line of vectors) console.log(`  ${line}`);
  const target = dmnTargets[suite];
  if (target !== undefined && passed < target * vectors.length) {
    isMissed = true;
    console.log(`  missed: ${passed} of ${vectors.length} passed, ${100 * target} % are asked for`);
  }
}
console.log('What the reference models of BPMN lose on the way in and out:');
for (const line of models.flatMap(({ losses }) => losses)) console.log(`  ${line}`);
if (isMissed || results.some(({ failed }) => failed.length > 0)) process.exit(1);

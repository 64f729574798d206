// A reporter of node:test that prints one JSON line for each test of the top level.
import { relative } from 'node:path';

export default async function* report(source) {
  for await (const { type, data } of source) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting !== 0 || !data.file) continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    if (skipped) continue;
    yield `${JSON.stringify({ file: relative(process.cwd(), data.file), name: data.name, passed: type === 'test:pass' })}\n`;
  }
}

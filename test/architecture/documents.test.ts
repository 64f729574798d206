import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

/** Links and pictures of a document that lead to a file that is not there. */
function deadLinks(document: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(document), target)));
}

/** Files that a document names in code (`src/…`, `promotions/plan-promotion.ts`) and that are not there. */
function deadPaths(text: string): string[] {
  return [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`/g)]
    .map(([, path]) => path ?? '')
    .filter((path) => /\.(ts|sql|md|json|yaml)$|^(src|test|docs|demo|scripts|bench|web)\//.test(path))
    .filter((path) => !['', 'src/', 'src/trade/', 'src/engines/'].some((base) => existsSync(join(root, base, path))));
}

test('documents link to nothing that is not there', () => {
  const dead = documents.flatMap((document) =>
    deadLinks(document, readFileSync(join(root, document), 'utf8')).map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(dead, []);
});

test('files that documents name exist', () => {
  const dead = documents.flatMap((document) =>
    deadPaths(readFileSync(join(root, document), 'utf8')).map((path) => `${document}: ${path}`),
  );
  assert.deepEqual(dead, []);
});

test('npm scripts that documents name exist, and the README shows the two commands first', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const document of documents) {
    for (const [, name] of readFileSync(join(root, document), 'utf8').matchAll(/npm run ([\w:-]+)/g)) {
      assert.ok(name && Object.hasOwn(scripts, name), `${document} names npm run ${name}`);
    }
  }
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const commands = [...readme.matchAll(/```sh\n([^`]+)\n```/g)].map(([, command]) => command);
  assert.deepEqual(commands.slice(0, 2), ['npm ci && npm start', 'npm ci && npm test']);
});

test('a dead link, a dead picture and a file that is gone are seen', () => {
  assert.deepEqual(deadLinks('README.md', '[a](LICENSE) [b](gone.md#x) ![c](docs/gone.png)'), [
    'gone.md',
    'docs/gone.png',
  ]);
  assert.deepEqual(deadPaths('`src/gone/` and `funds/gone.ts` and `funds/fund-store.ts`'), [
    'src/gone/',
    'funds/gone.ts',
  ]);
});

/**
 * Writes what is generated from the code and kept beside it, so that a change of the outside surface shows in review:
 * docs/api/openapi.json (OpenAPI 3.1), docs/permission-matrix.md, docs/asvs.md and docs/module-graph.md. With `--check` it writes nothing and exits 1 where a
 * file is out of date. Needs no database: the routes are only declared.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { makeHttpServer } from '#http';
import { makeOutbound } from '#outbound';
import {
  createSecurity,
  makeMailer,
  permissionMatrixDocument,
  personalDataOfHouse,
  processingDocument,
} from '#security';
import { makeLogger } from '#telemetry';
import { modules } from '../src/apps/modules.ts';
import { asvsDocument, readAsvs } from './asvs-document.ts';
import { moduleGraph } from './module-graph.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Nothing connects with it and nothing is signed with it. */
const unusedKey = 'not-a-key-only-routes-are-declared';

/** The API reference, and who may call what of it. */
async function fromRoutes(): Promise<{ openApi: string; permissionMatrix: string }> {
  const log = makeLogger('silent');
  // The pools connect when they are asked for the first time, which never happens here.
  const db = openDatabase('postgres://nobody@localhost/nowhere', unusedKey, () => undefined);
  const mail = makeMailer({ smtpUrl: undefined, from: 'nobody@example.com', announce: () => undefined });
  const outbound = makeOutbound({ allowPrivate: false });
  const house = { db, log, clock: systemClock };
  const security = createSecurity({
    ...house,
    secretKey: unusedKey,
    publicUrl: 'http://localhost:3000',
    mail,
    outbound,
  });
  const routes = [...security.routes, ...modules.flatMap((module) => module.routes ?? [])];
  const app = await makeHttpServer({
    ...house,
    trustProxy: false,
    authenticate: security.authenticate,
    routes,
  });
  await app.ready();
  const openApi = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await app.close();
  await security.close();
  await db.close();
  return { openApi, permissionMatrix: permissionMatrixDocument(routes) };
}

const { openApi, permissionMatrix } = await fromRoutes();
const documents: [path: string, text: string][] = [
  ['docs/api/openapi.json', openApi],
  ['docs/permission-matrix.md', permissionMatrix],
  ['docs/asvs.md', asvsDocument(readAsvs(root))],
  ['docs/module-graph.md', await moduleGraph(root)],
  ['docs/record-of-processing.md', processingDocument(personalDataOfHouse())],
];
const read = (path: string) => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
};
const stale = documents.filter(([path, text]) => read(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is out of date: run npm run generate`);
  if (stale.length === 0) console.log(`${documents.length} generated documents are up to date`);
  process.exitCode = stale.length ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}

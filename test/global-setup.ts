import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestCluster, type TestCluster, urlVariable } from './postgres/index.ts';

let cluster: TestCluster | undefined;
let dataDir: string | undefined;

/** Called by `node --test --test-global-setup=test/global-setup.ts` before the first test file. */
export async function globalSetup(): Promise<void> {
  dataDir = await mkdtemp(join(tmpdir(), 'tradeai-tests-'));
  process.env.TRADEAI_DATA = dataDir;
  if (process.env[urlVariable]) return;
  cluster = await startTestCluster();
  process.env[urlVariable] = cluster.superuserUrl;
}

/** Called after the last test file. */
export async function globalTeardown(): Promise<void> {
  await cluster?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
}

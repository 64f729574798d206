import { startTestCluster, type TestCluster, urlVariable } from './postgres/index.ts';

let cluster: TestCluster | undefined;

/** Called by `node --test --test-global-setup=test/global-setup.ts` before the first test file. */
export async function globalSetup(): Promise<void> {
  if (process.env[urlVariable]) return;
  cluster = await startTestCluster();
  process.env[urlVariable] = cluster.superuserUrl;
}

/** Called after the last test file. */
export async function globalTeardown(): Promise<void> {
  await cluster?.stop();
}

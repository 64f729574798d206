export { startTestCluster, type TestCluster, temporaryParent, testServerUrl, urlVariable } from './test-cluster.ts';
export {
  createDatabaseFromTemplate,
  databaseUrl,
  dropDatabase,
  ensureTemplate,
  type TestDatabase,
} from './test-database.ts';

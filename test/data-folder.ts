import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The data folder of every product that the tests start beside a database of theirs; it holds the keys of subjects. */
export const testDataDir = process.env.TRADEAI_DATA ?? join(tmpdir(), 'tradeai-tests');

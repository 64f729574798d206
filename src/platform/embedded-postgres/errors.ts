/** Why the embedded database cannot be used: the message is one line for the person at the console. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/** Another live process owns the data folder. `pid` is that process, undefined where it could not be read. */
export class DataFolderInUseError extends EmbeddedPostgresError {
  override name = 'DataFolderInUseError';
  readonly dataDir: string;
  readonly pid: number | undefined;

  constructor(dataDir: string, pid: number | undefined) {
    super(`TRADEAI is already running on the data folder ${dataDir}${pid === undefined ? '' : ` (process ${pid})`}.`);
    this.dataDir = dataDir;
    this.pid = pid;
  }
}

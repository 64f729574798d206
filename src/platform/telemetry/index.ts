import { type Logger as PinoLogger, pino } from 'pino';
import { maskCardNumbers } from '#card-data';

/** A structured logger (JSON lines on stderr). */
export type Logger = PinoLogger;

/** Fields that never reach a log line, wherever they stand one or two levels deep. */
const secretFields = ['password', 'token', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'secret'];

/** Makes the process's logger; `level` is a pino level name. Logs go to stderr: stdout belongs to the command. */
export function makeLogger(level: string): Logger {
  const redact = secretFields.flatMap((field) => [field, `*.${field}`]);
  const hooks = { streamWrite: (line: string) => maskCardNumbers(line) };
  return pino({ level, base: null, redact, hooks, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

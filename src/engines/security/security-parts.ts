import type { Clock } from '#clock';
import type { Database } from '#db';
import type { Outbound } from '#outbound';
import type { Logger } from '#telemetry';
import type { Keyring } from './keys/keyring.ts';
import type { Mail, Mailer } from './mail/mail.ts';
import type { AccessTokens } from './sign-in/access-token.ts';
import type { RefreshTokens } from './sign-in/refresh-token.ts';
import type { SessionCache } from './sign-in/session-cache.ts';
import type { Throttle } from './sign-in/throttle-store.ts';

/** What the use cases of sign-in share. */
export interface SecurityParts {
  db: Database;
  clock: Clock;
  log: Logger;
  newId(): string;
  /** The address that links point to. */
  publicUrl: string;
  mail: Mailer;
  keys: Keyring;
  /** The way out to other systems. */
  outbound: Outbound;
  /** MACs of what only the sign-in compares: recovery codes, where a session was last seen. */
  signInMac(purpose: string, text: string): Buffer;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  throttle: Throttle;
  sessions: SessionCache;
  /** Runs work after the answer, so that its duration tells the caller nothing; failures go to the log. */
  inBackground(what: string, work: () => Promise<void>): void;
}

/** Sends a mail after the answer. */
export function mailLater(parts: SecurityParts, mail: Mail): void {
  parts.inBackground('a mail', () => parts.mail.send(mail));
}

/** Where a request came from. */
export interface Caller {
  address: string;
  requestId: string;
  /** What the browser says that it is; undefined for programs that say nothing. */
  device?: string | undefined;
}

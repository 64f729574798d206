import { createTransport, type SmtpError } from 'nodemailer';

/** A mail in plain text, and the same as HTML where that reads better. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html?: string | undefined;
  /** The same for every try of one mail, so that a mailbox that gets it twice shows it once. */
  id?: string | undefined;
}

/** The way out for mails. */
export interface Mailer {
  /** False where nobody's mailbox is reached: whoever makes a link then hands it on. */
  readonly delivers: boolean;
  /** Throws {@link MailRefused}. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** A mail did not go out; the message may be shown: it holds no credentials and no addresses. */
export class MailRefused extends Error {
  override name = 'MailRefused';
  /** The server will not take this mail, however often it is tried; else the server or the way to it is at fault. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** A dead mail server must not hold a request or the shutdown for long. */
const timeoutMs = 5_000;

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a server said, without what it repeats of us. */
function refusal(error: SmtpError, secrets: readonly string[]): MailRefused {
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), error.message);
  const isFinal = error.code === 'EENVELOPE' && (error.responseCode ?? 0) >= 500;
  return new MailRefused(said.replace(/[^\s<>]+@[^\s<>]+/g, '…').slice(0, 300), isFinal);
}

/** Mails through SMTP where `smtpUrl` is set; else `announce` gets them, for the console of who runs the server. */
export function makeMailer(parts: {
  smtpUrl: string | undefined;
  from: string;
  announce: (text: string) => void;
}): Mailer {
  const { smtpUrl, from, announce } = parts;
  if (!smtpUrl) {
    return {
      delivers: false,
      send: async ({ to, subject, text }) => announce(`Mail for ${to} (no mail server is set): ${subject}\n${text}`),
      close: () => undefined,
    };
  }
  const { username, password, hostname } = new URL(smtpUrl);
  const secrets = [username, password]
    .filter(({ length }) => length > 2)
    .flatMap((one) => [one, decodeURIComponent(one)]);
  const transport = createTransport({
    url: smtpUrl,
    // Credentials leave this machine over TLS or not at all.
    requireTLS: password !== '' && !loopback.has(hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    delivers: true,
    send: async ({ id, ...mail }) => {
      const messageId = id === undefined ? {} : { messageId: `<${id}@${domain}>` };
      try {
        await transport.sendMail({ from, ...mail, ...messageId });
      } catch (error) {
        throw refusal(error as SmtpError, secrets);
      }
    },
    close: () => transport.close(),
  };
}

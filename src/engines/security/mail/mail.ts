import { createTransport } from 'nodemailer';

/** A mail in plain text. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** The way out for mails. */
export interface Mailer {
  /** False where nobody's mailbox is reached: whoever makes a link then hands it on. */
  readonly delivers: boolean;
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** A dead mail server must not hold a request or the shutdown for long. */
const timeoutMs = 5_000;

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
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    delivers: true,
    send: async (mail) => {
      await transport.sendMail({ from, ...mail });
    },
    close: () => transport.close(),
  };
}

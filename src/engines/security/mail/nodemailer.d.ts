/** The part of nodemailer that we use; it ships no types. */
declare module 'nodemailer' {
  interface Transport {
    sendMail(message: {
      from: string;
      to: string;
      subject: string;
      text: string;
      html?: string | undefined;
      messageId?: string | undefined;
    }): Promise<unknown>;
    close(): void;
  }
  export interface SmtpError extends Error {
    code?: string;
    responseCode?: number;
  }
  export function createTransport(options: {
    url: string;
    requireTLS: boolean;
    connectionTimeout: number;
    greetingTimeout: number;
    socketTimeout: number;
  }): Transport;
}

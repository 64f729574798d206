/** The part of nodemailer that we use; it ships no types. */
declare module 'nodemailer' {
  interface Transport {
    sendMail(message: { from: string; to: string; subject: string; text: string }): Promise<unknown>;
    close(): void;
  }
  export function createTransport(options: {
    url: string;
    connectionTimeout: number;
    greetingTimeout: number;
    socketTimeout: number;
  }): Transport;
}

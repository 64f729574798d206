import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A mail server of a test: speaks just enough SMTP (RFC 5321, RFC 4954) to take mails, or to refuse them. */
export interface TestMailServer {
  port: number;
  /** Whole messages that it took, headers first. */
  taken: string[];
  /** Everything that clients said. */
  said: string[];
  /** What it answers to a command of this beginning instead of taking it; empty: it takes everything. */
  refuses: Record<string, string>;
}

/** What a command is answered; undefined: the connection ends. */
function answerTo(command: string, { refuses }: TestMailServer, asksForPassword: boolean): string | undefined {
  const refused = Object.keys(refuses).find((start) => command.toUpperCase().startsWith(start));
  if (refused) return refuses[refused];
  if (/^EHLO/i.test(command)) return asksForPassword ? '250-test\r\n250 AUTH PLAIN' : '250 test';
  if (/^AUTH/i.test(command)) return '235 come in';
  if (/^DATA/i.test(command)) return '354 go on';
  return /^QUIT/i.test(command) ? undefined : '250 ok';
}

function serve(socket: Socket, server: TestMailServer, asksForPassword: boolean): void {
  let message: string | null = null;
  let pending = '';
  socket.setEncoding('utf8').on('error', () => undefined);
  socket.write('220 test\r\n');
  const hear = (line: string) => {
    if (message !== null) {
      if (line !== '.') message += `${line}\r\n`;
      else {
        server.taken.push(message);
        message = null;
        socket.write('250 taken\r\n');
      }
      return;
    }
    server.said.push(line);
    const answer = answerTo(line, server, asksForPassword);
    if (answer?.startsWith('354')) message = '';
    if (answer === undefined) socket.end('221 bye\r\n');
    else socket.write(`${answer}\r\n`);
  };
  socket.on('data', (text: string) => {
    const lines = (pending + text).split('\r\n');
    pending = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
}

/** Starts one on the loopback; it is gone when the test ends. */
export async function startMailServer(
  t: Pick<TestContext, 'after'>,
  { asksForPassword = false, host = '127.0.0.1' } = {},
): Promise<TestMailServer> {
  const server: TestMailServer = { port: 0, taken: [], said: [], refuses: {} };
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    serve(socket, server, asksForPassword);
  });
  await new Promise<void>((resolve) => listening.listen(0, host, resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  server.port = (listening.address() as { port: number }).port;
  return server;
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openBytes, sealBytes } from './envelope.ts';

/** An empty folder that goes when the test ends. */
export function keyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface TransitBody {
  plaintext?: string;
  ciphertext?: string;
  associated_data?: string;
  data?: object;
  options?: { cas?: number };
}

/** A server that speaks the part of a vault's API that we use: transit with associated data, key-value version 2 with CAS. */
export async function testVault(t: TestContext): Promise<{
  url: string;
  token: string;
  asked: string[];
  /** What it keeps now, by path. */
  secrets: ReadonlyMap<string, object>;
  /** Takes so many further changes and refuses all others, as if whoever makes them were killed there. */
  endAfter(changes: number): void;
  /** Lets something else happen first when a secret is next replaced under check-and-set. */
  beforeNextReplacing(work: () => Promise<unknown>): void;
}> {
  let left = Number.POSITIVE_INFINITY;
  let firstOf: (() => Promise<unknown>) | undefined;
  const token = 'a token for tests';
  const keys = [randomBytes(32)];
  const secrets = new Map<string, object>();
  const versions = new Map<string, number>();
  const asked: string[] = [];
  const crypt = (version: number, body: TransitBody, decipher: boolean, bytes: Buffer): Buffer => {
    const key = keys[version - 1] ?? Buffer.alloc(32);
    const place = [body.associated_data ?? ''];
    return decipher ? openBytes(key, place, bytes) : sealBytes(key, version, place, bytes);
  };
  const answer = (path: string, method: string, body: TransitBody): [number, object?] => {
    if (path === '/v1/transit/keys/tradeai') return [200, { data: { latest_version: keys.length } }];
    if (path === '/v1/transit/keys/tradeai/rotate') {
      keys.push(randomBytes(32));
      return [204];
    }
    if (path === '/v1/transit/encrypt/tradeai') {
      const sealed = crypt(keys.length, body, false, Buffer.from(body.plaintext ?? '', 'base64'));
      return [200, { data: { ciphertext: `vault:v${keys.length}:${sealed.toString('base64')}` } }];
    }
    if (path === '/v1/transit/decrypt/tradeai') {
      const [, version, text] = /^vault:v(\d+):(.*)$/.exec(body.ciphertext ?? '') ?? [];
      try {
        const plain = crypt(Number(version), body, true, Buffer.from(text ?? '', 'base64'));
        return [200, { data: { plaintext: plain.toString('base64') } }];
      } catch {
        return [400, { errors: ['cipher: message authentication failed'] }];
      }
    }
    const listed = /^\/v1\/secret\/metadata\/(.+)\?list=true$/.exec(path)?.[1];
    if (listed) {
      const names = [...secrets.keys()].filter((name) => name.startsWith(`${listed}/`));
      const rest = names.map((name) => name.slice(listed.length + 1).split('/'));
      return [
        200,
        { data: { keys: [...new Set(rest.map(([name, ...below]) => `${name}${below.length ? '/' : ''}`))] } },
      ];
    }
    const [, kind, name = ''] = /^\/v1\/secret\/(data|metadata)\/(.+)$/.exec(path) ?? [];
    if (kind === 'metadata' && method === 'DELETE') {
      secrets.delete(name);
      versions.delete(name);
      return [204];
    }
    const version = versions.get(name) ?? 0;
    if (kind === 'data' && method === 'GET') {
      const found = secrets.get(name);
      return found ? [200, { data: { data: found, metadata: { version } } }] : [404, { errors: [] }];
    }
    if (kind === 'data' && method === 'POST') {
      const cas = body.options?.cas;
      if (cas !== undefined && cas !== (versions.get(name) ?? 0)) return [400, { errors: ['check-and-set mismatch'] }];
      secrets.set(name, body.data ?? {});
      versions.set(name, version + 1);
      return [200, { data: { version: version + 1 } }];
    }
    return [404, { errors: ['no handler for route'] }];
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const path = request.url ?? '';
      asked.push(`${request.method} ${path}`);
      const text = Buffer.concat(chunks).toString();
      if (request.method !== 'GET' && --left < 0) return void response.writeHead(503).end();
      const known = request.headers['x-vault-token'] === token;
      const sent: TransitBody = text === '' ? {} : JSON.parse(text);
      if (sent.options?.cas) {
        const first = firstOf;
        firstOf = undefined;
        await first?.();
      }
      const [status, body] = known
        ? answer(path, request.method ?? '', sent)
        : [403, { errors: ['permission denied'] }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const endAfter = (changes: number) => {
    left = changes;
  };
  const beforeNextReplacing = (work: () => Promise<unknown>) => {
    firstOf = work;
  };
  return { url: `http://127.0.0.1:${port}`, token, asked, secrets, endAfter, beforeNextReplacing };
}

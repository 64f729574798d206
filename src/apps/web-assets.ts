import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '#problem';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'web/dist');
const stampFile = join(dist, '.built-from');

/** What the built application was made from: names, sizes and contents of its sources. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === 'dist' || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  visit(join(root, 'web'));
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return hash.digest('hex');
}

/**
 * Puts what was built in place beside whoever serves or builds the same folder meanwhile: files that are named by their
 * content first, then the page that names them; what an earlier page named goes last.
 */
function putInPlace(built: string): void {
  const made = readdirSync(built, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = made.map(({ parentPath, name }) => relative(built, join(parentPath, name)));
  for (const name of names.sort((a, b) => Number(a.endsWith('.html')) - Number(b.endsWith('.html')))) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    renameSync(join(built, name), join(dist, name));
  }
  for (const name of readdirSync(join(dist, 'assets')))
    if (!names.includes(join('assets', name))) rmSync(join(dist, 'assets', name), { force: true });
}

/**
 * Builds the web application where it is stale (as `npm run build:web`); several processes may do so at once. Throws with
 * the builder's last words.
 */
export async function buildWeb(): Promise<{ built: boolean }> {
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return { built: false };
  mkdirSync(dist, { recursive: true });
  const aside = mkdtempSync(join(dist, '.being-built-'));
  try {
    await runVite(aside);
    putInPlace(aside);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  writeFileSync(stampFile, wanted);
  return { built: true };
}

async function runVite(outDir: string): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const how = ['--config', join(root, 'web/vite.config.ts'), '--outDir', outDir, '--logLevel', 'warn'];
  const child = spawn(process.execPath, [vite, 'build', ...how], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the web application could not be built: ${said.slice(-2_000)}`);
}

/** Serves the built application at `/`; a path that is no file answers the page, which finds its own way. */
export async function serveWeb(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: dist,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Built names hold a hash of the content; the page itself must be asked for again.
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const page = join(dist, 'index.html');
  const sendPage = (reply: FastifyReply) => {
    const nonce = randomBytes(18).toString('base64');
    return reply
      .header('cache-control', 'no-store')
      .header('content-security-policy', contentSecurityPolicy(nonce))
      .type('text/html; charset=utf-8')
      .send(readFileSync(page, 'utf8').replaceAll('__CSP_NONCE__', nonce));
  };
  app.get('/', { schema: { hide: true } }, async (_request, reply) => sendPage(reply));
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      request.method === 'GET' && !/^\/(api|scim|ws|health|metrics|assets)(\/|$)/.test(request.url) && existsSync(page);
    if (wantsPage) return sendPage(reply);
    throw new Problem('not_found', {
      detail: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
    });
  });
}

/**
 * Everything from here and nothing inline, but for the style elements that the component library writes with the nonce.
 * Pictures may be data: the code of a second factor, the arrows of the style sheet.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

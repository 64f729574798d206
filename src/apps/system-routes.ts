import type { FastifyInstance } from 'fastify';
import { type Database, sql } from '#db';

/** How the process stands, for orchestrators and people. */
export interface ProcessState {
  started: boolean;
  draining: boolean;
  /** Whether there are audit trails on which nothing is sealed, since their database was put back or altered. */
  refusesToSeal(): boolean;
}

/** Health, API reference and metrics: outside `/api/v1`, without sign-in. */
export function registerSystemRoutes(app: FastifyInstance, db: Database, state: ProcessState): void {
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }));
  app.get('/health/startup', { schema: { hide: true } }, async (_request, reply) =>
    reply.code(state.started ? 200 : 503).send({ status: state.started ? 'started' : 'starting' }),
  );
  app.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
    const database = await db
      .system((tx) => tx.one(sql`select 1`))
      .then(
        () => 'ok',
        () => 'unreachable',
      );
    const ready = state.started && !state.draining && database === 'ok';
    return reply.code(ready ? 200 : 503).send({
      ...{ status: ready ? 'ready' : 'not ready', database, draining: state.draining },
      // Work goes on meanwhile: whoever looks after the server has to decide.
      audit: state.refusesToSeal() ? 'not sealed: see the log' : 'ok',
    });
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/api/docs', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html').send(docsPage(app)),
  );
}

interface OpenApiOperation {
  summary?: string;
  description?: string;
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A plain, readable table of the API: no scripts, so that it works under any policy. */
function docsPage(app: FastifyInstance): string {
  const document = app.swagger() as { paths?: Record<string, Record<string, OpenApiOperation>> };
  const rows = Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, { summary = '', description = '' }]) =>
        `<tr><td><code>${method.toUpperCase()}</code></td><td><code>${escaped(path)}</code></td><td>${escaped(summary)}</td><td>${escaped(description)}</td></tr>`,
    ),
  );
  return `<!doctype html><html lang="en"><title>TRADEAI API</title><style>body{font:14px system-ui;margin:2rem;max-width:72rem}
td{padding:.25rem .75rem;border-top:1px solid #ddd;vertical-align:top}</style><h1>TRADEAI API</h1>
<p>The full reference is <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p><table>${rows.join('')}</table></html>`;
}

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { testSecretKey } from '../../../../test/house.ts';
import { type AuditEntry, auditMac } from './audit-entry.ts';

const perChunk = 1_000;

const idOf = (at: number) => `0190a000-0000-7000-8000-${at.toString(16).padStart(12, '0')}`;

function entryOf(tenantId: string, at: number, startMs: number): AuditEntry {
  return {
    ...{
      tenantId,
      id: idOf(at),
      at: new Date(startMs + at * 5).toISOString(),
      actorId: idOf(at % 97),
      onBehalfOf: null,
    },
    ...{ action: 'promotion.changed', entityType: 'promotion', entityId: idOf(at % 1_009) },
    before: `{"name":"Spring leaflet","state":"draft","version":${at}}`,
    after: `{"name":"Spring leaflet","plannedSpend":"15600.00","state":"submitted","version":${at + 1}}`,
    ...{ reason: null, requestId: idOf(at) },
  };
}

/** Puts genuine entries of one tenant into the trail, 200 a second from `start` on, each waiting for its seal. */
export async function plantEntries(url: string, tenantId: string, count: number, start: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const startMs = Date.parse(start);
  const field = (value: string | null) => (value === null ? '\\N' : value.replaceAll('\\', '\\\\'));
  const copy = async (target: string, lineOf: (entry: AuditEntry) => (string | null)[]) => {
    function* lines() {
      for (let at = 0; at < count; at += perChunk) {
        const entries = Array.from({ length: Math.min(perChunk, count - at) }, (_, n) =>
          entryOf(tenantId, at + n, startMs),
        );
        yield entries.map((entry) => `${lineOf(entry).map(field).join('\t')}\n`).join('');
      }
    }
    await pipeline(Readable.from(lines()), client.query(copyFrom(`copy ${target} from stdin`)));
  };
  await copy(
    'audit.entry (tenant_id, id, at, actor_id, on_behalf_of, action, entity_type, entity_id, before, after, reason, request_id, mac_version, mac)',
    (entry) => [...Object.values(entry), '1', `\\x${auditMac(testSecretKey, entry).toString('hex')}`],
  );
  await copy('audit.unsealed (tenant_id, entry_id, at, retention_class)', ({ id, at }) => [
    tenantId,
    id,
    at,
    'financial',
  ]);
  await client.query('analyze audit.unsealed; analyze audit.entry');
  await client.end();
}

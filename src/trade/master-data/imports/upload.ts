import { Readable } from 'node:stream';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { FileSource } from './file-source.ts';

/** Bytes of one chunk: a row of the database that is written and read in milliseconds. */
const chunkBytes = 1 << 20;

async function insertChunk(context: Context, importId: string, number: number, bytes: Buffer): Promise<void> {
  await context.db.transact(context, (tx) =>
    tx.run(sql`insert into master_data.import_chunk (tenant_id, import_id, number, bytes)
      values (${context.tenant.id}, ${importId}, ${number}, ${bytes})`),
  );
}

/** Keeps an upload as it arrives, a chunk a transaction: nothing of its size is ever in memory. Answers its bytes. */
export async function storeUpload(context: Context, importId: string, file: AsyncIterable<Buffer>): Promise<number> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let number = 0;
  let total = 0;
  const flush = async () => {
    if (waitingBytes === 0) return;
    await insertChunk(context, importId, number, Buffer.concat(waiting));
    number += 1;
    waiting = [];
    waitingBytes = 0;
  };
  for await (const part of file) {
    waiting.push(part);
    waitingBytes += part.length;
    total += part.length;
    if (waitingBytes >= chunkBytes) await flush();
  }
  await flush();
  return total;
}

async function* readChunks(context: Context, importId: string): AsyncGenerator<Buffer> {
  for (let number = 0; ; number++) {
    const chunk = await context.db.transact({ tenant: context.tenant }, (tx) =>
      tx.maybe<{ bytes: Buffer }>(
        sql`select bytes from master_data.import_chunk where import_id = ${importId} and number = ${number}`,
      ),
    );
    if (!chunk) return;
    yield chunk.bytes;
  }
}

/** An upload as a file that can be read again and again. */
export function uploadedFile(context: Context, importId: string): FileSource {
  return { open: () => Readable.from(readChunks(context, importId)) };
}

/** Forgets an upload: its rows are stored or the file was refused. */
export async function dropUpload(tx: TenantTx, importId: string): Promise<void> {
  await tx.run(sql`delete from master_data.import_chunk where import_id = ${importId}`);
}

/** Days after which an upload that never ran to its end is forgotten. */
const abandonedDays = 7;

/** Forgets uploads that broke off or whose import failed for good; called with each new one, so that none pile up. */
export async function dropAbandonedUploads(tx: TenantTx<Context>): Promise<void> {
  const before = new Date(tx.context.clock.now().getTime() - abandonedDays * 86_400_000);
  await tx.run(sql`delete from master_data.import_chunk chunk using master_data.import_run run
    where run.id = chunk.import_id and run.status in ('uploading', 'failed') and run.created_at < ${before}`);
}

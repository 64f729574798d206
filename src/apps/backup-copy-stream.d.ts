declare module 'pg-copy-streams' {
  import type { Readable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** A COPY … TO STDOUT as a readable stream; `rowCount` is known at its end. */
  export function to(sql: string): Readable & Submittable & { rowCount: number };
}

declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** A COPY … FROM STDIN as a writable stream. */
  export function from(sql: string): Writable & Submittable;
}

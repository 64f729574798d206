/** An import with its counts and totals. */
export interface ImportRun {
  id: string;
  kind: string | null;
  fileName: string;
  status: string;
  rows: { read: number; stored: number; unchanged: number; quarantined: number };
  derived: { stored: number; unchanged: number };
  totals: Record<string, { read: string; accepted: string; quarantined: string }>;
  errors: string[];
  notes: string[];
  /** What the file was mapped by. */
  mapping: Record<string, unknown> | null;
  /** Share done, 0 to 1, as a decimal string. */
  progress: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A kind of import and its columns. */
export interface ImportKind {
  kind: string;
  summary: string;
  permission: string | null;
  columns: { name: string; required: boolean; description: string }[];
}

/** A row that was not taken, as it was read, and why. */
export interface QuarantineRow {
  id: string;
  rowNumber: number;
  raw: Record<string, string>;
  reasons: string[];
}

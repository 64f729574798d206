import type { Context, Scope } from '#context';
import type { TenantTx } from '#db';
import type { Permission } from '#module';
import type { Cells } from './cells.ts';

/** A column that a kind of import understands. */
export interface ImportColumn {
  name: string;
  /** Whether the file (or its mapping) must have the column; single cells may be empty where `check` allows. */
  required: boolean;
  /** What stands in it, for the reference: unit, format, meaning. */
  description: string;
  /** Summed into the control totals: read, accepted and quarantined add up. */
  total?: boolean;
}

/** A row that passed `check`, on its way to the store. */
export interface CheckedRow<Value> {
  /** 1 for the first row after the header. */
  rowNumber: number;
  value: Value;
  /** Made by the mapping from parts of a row (a parent of what the row is about), not the row's own record. */
  derived: boolean;
}

/** What became of a row: `stored` (new or changed), `unchanged`, or the reasons for which it goes to quarantine. */
export type RowOutcome = 'stored' | 'unchanged' | readonly string[];

/** What became of the rows of a file: read = stored + unchanged + quarantined. */
export interface RowCounts {
  read: number;
  stored: number;
  unchanged: number;
  quarantined: number;
}

/** What the file at hand is, as far as a kind needs to know. */
export interface ImportFile {
  importId: string;
  fileName: string;
  /** Columns that the file (or its mapping) brings. */
  columns: ReadonlySet<string>;
}

/** One run of a kind over one file. */
export interface KindRun<Value> {
  /** Reads one row; problems with it go to `cells.reasons`, whereupon the answer is not looked at. Must not wait. */
  check(cells: Cells): Value;
  /** Told of every row that goes to quarantine unread, for kinds whose records have several rows: as far as it can be read. */
  unread?(cells: Cells, rowNumber: number): void;
  /** Neighbouring rows of one group stay in one batch: a record of several rows is stored whole. */
  groupOf?(value: Value): string;
  /** Puts the rows of the whole file into the order of storing; only for kinds whose files fit into memory. */
  arrange?(rows: readonly CheckedRow<Value>[]): readonly CheckedRow<Value>[];
  /**
   * Does in short transactions of its own what would make that of a batch too long. It may run again, and what it did stays
   * where the batch is not stored in the end.
   */
  prepare?(context: Context, rows: readonly CheckedRow<Value>[]): Promise<void>;
  /**
   * Stores one batch and answers the outcome of each row, in their order. It may run again over rows that are already
   * there (`unchanged`). It throws only for what is no fault of the rows.
   */
  apply(tx: TenantTx<Context>, rows: readonly CheckedRow<Value>[]): Promise<RowOutcome[]>;
  /** Runs in the transaction that ends the import; answers what people should know about it. It may run again. */
  finish?(tx: TenantTx<Context>, rows: RowCounts): Promise<string[]>;
}

/** What says where the rows of a kind lie, for whoever is kept to a part of the tenant. */
export interface KeptBy {
  /** Columns with the code of a customer or product. */
  customer?: string;
  product?: string;
  /** Rows are themselves nodes of a tree, by `code` and `parent_code`. */
  node?: 'customer' | 'product';
  /** Codes of other things, which one must see to name them: how they are called, and those that whoever has a scope sees. */
  named?: { column: string; what: string; visible(tx: TenantTx, scope: Scope): Promise<ReadonlySet<string>> };
  /** How a column that may name several is read; absent: it holds one code. */
  codesIn?: Readonly<Record<string, (text: string) => string[]>>;
}

/** A kind of import: declared by the module that owns its rows. */
export interface ImportKind<Value> {
  kind: string;
  summary: string;
  /** What a person needs beside `bulk:import`. */
  permission: Permission | null;
  columns: readonly ImportColumn[];
  /**
   * Absent: its rows belong to the whole tenant, and nobody who is kept to a part imports them. A row must not be able to
   * change a record that lies elsewhere.
   */
  keeps?: KeptBy;
  /** Rows of the file in a batch, hence in a transaction of well under a second; 2,000 when absent. */
  batchRows?: number;
  open(context: Context, file: ImportFile): Promise<KindRun<Value>>;
}

/** A kind whose row type is its own business, as registries hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the row type of a kind is its own business
export type AnyImportKind = ImportKind<any>;

import { findCardNumbers, maskCardNumbers } from '#card-data';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';
import { masterDataEvents } from '../events.ts';
import { Cells } from './cells.ts';
import { type ColumnTotal, ControlTotals } from './control-totals.ts';
import { type FileFacts, refuseFile } from './file-source.ts';
import type { AnyImportKind, CheckedRow, ImportFile, KindRun, RowOutcome } from './import-kind.ts';
import type { PlaceCheck } from './import-scope.ts';
import { endRun, insertQuarantine, type QuarantinedRow, type RunCounts, storeCounts } from './import-store.ts';
import type { RowMapper } from './map-row.ts';
import type { ImportProgress } from './run-import.ts';

/** Rows of the file in a batch where the kind does not say: a transaction of well under a second. */
const defaultBatchRows = 2_000;
/** Longest group of rows that is kept in one batch. */
const maxGroupRows = 10_000;
/** How often an import tells how far it is. */
const progressEveryMs = 1_000;
/** Most rows of a kind that needs the whole file at once, so that it fits into memory. */
const maxArrangedRows = 500_000;

/** What a run works with. */
export interface ImportRunParts {
  kind: AnyImportKind;
  kindRun: KindRun<unknown>;
  file: ImportFile;
  mapper: RowMapper;
  header: readonly string[];
  facts: FileFacts;
  /** Looks at the part that whoever asked is kept to; absent where they are not. */
  placesOf: PlaceCheck | undefined;
  /** Batches that an earlier try committed. */
  committedBatches: number;
  committed: RunCounts;
  committedTotals: Record<string, ColumnTotal>;
  onProgress: ((progress: ImportProgress) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** A row on its way, with what is needed should it go to quarantine. */
interface Pending extends CheckedRow<unknown> {
  cells: readonly string[];
  totals: string[];
}

/** Thrown when the process drains: the run is taken up again by the next try. */
export class ImportInterrupted extends Error {
  override name = 'ImportInterrupted';
}

/** One pass over the rows of a file: check, batch, store, count. */
export class ImportRun {
  readonly #context: Context;
  readonly #parts: ImportRunParts;
  readonly #totals: ControlTotals;
  /** Codes of derived parents that are on their way. */
  readonly #derived = new Set<string>();
  #pending: Pending[] = [];
  #quarantine: (Omit<QuarantinedRow, 'id'> & { totals: string[] })[] = [];
  #rowsInBatch = 0;
  #batch = 0;
  #counts: RunCounts;
  #lastProgressAt: number;

  constructor(context: Context, parts: ImportRunParts) {
    this.#context = context;
    this.#parts = parts;
    const summed = parts.kind.columns.filter((column) => column.total).map((column) => column.name);
    this.#totals = new ControlTotals(summed, parts.committedTotals);
    // The outcomes of committed batches are known; what was read is counted again on the way to the first new one.
    this.#counts = { ...parts.committed, read: 0, batchesDone: 0 };
    this.#lastProgressAt = context.clock.now().getTime();
  }

  /** Imports every row and ends the run. */
  async consume(rows: AsyncIterator<string[]>, bytesRead: () => number): Promise<void> {
    const { kind, kindRun } = this.#parts;
    const arranged = kindRun.arrange !== undefined;
    const batchRows = kind.batchRows ?? defaultBatchRows;
    for (let next = await rows.next(); !next.done; next = await rows.next()) {
      if (!arranged && this.#rowsInBatch >= batchRows) await this.#flushCompleteGroups(bytesRead());
      this.#take(next.value);
      if (arranged && this.#pending.length > maxArrangedRows) {
        refuseFile(`An import of ${kind.kind} takes at most ${maxArrangedRows} rows: split the file.`);
      }
    }
    if (arranged) await this.#flushArranged(batchRows, bytesRead());
    else await this.#flush(this.#pending, bytesRead());
    await this.#end();
  }

  #take(cells: readonly string[]): void {
    const { mapper, header, kindRun } = this.#parts;
    this.#rowsInBatch += 1;
    this.#counts.read += 1;
    const rowNumber = this.#counts.read;
    const mapped = mapper.map(cells);
    const own = mapped.records.at(-1)?.texts ?? {};
    const totals = this.#totals.read(own);
    const refuse = (reasons: readonly string[]) => {
      this.#quarantine.push({ rowNumber, raw: this.#raw(cells), reasons: [...reasons], totals });
      kindRun.unread?.(new Cells(own), rowNumber);
    };
    const column = cells.findIndex((text, i) => findCardNumbers(text, header[i]).length > 0);
    if (column >= 0) {
      refuse([`${header[column] ?? 'a cell'} holds the number of a payment card, which is not kept here`]);
      return;
    }
    if (cells.length !== header.length && !onlyBlanksBeyond(cells, header.length)) {
      refuse([`the row has ${cells.length} cells, the header ${header.length}`]);
      return;
    }
    if (mapped.reasons.length > 0) {
      refuse(mapped.reasons);
      return;
    }
    const { records, reasons } = this.#parts.placesOf?.(mapped.records) ?? { records: mapped.records, reasons: [] };
    if (reasons.length > 0) {
      refuse(reasons);
      return;
    }
    for (const record of records) {
      const code = record.texts.code ?? '';
      // Rows of one parent repeat it: the first that is taken makes it.
      if (record.derived && this.#derived.has(code)) continue;
      const reader = new Cells(record.texts);
      const value = kindRun.check(reader);
      if (reader.reasons.length > 0) {
        refuse(reader.reasons);
        return;
      }
      if (record.derived) this.#derived.add(code);
      this.#pending.push({ rowNumber, value, derived: record.derived, cells, totals });
    }
  }

  #raw(cells: readonly string[]): Record<string, string> {
    const { header } = this.#parts;
    return Object.fromEntries(
      cells.map((text, i) => [header[i] || `column ${i + 1}`, maskCardNumbers(text, header[i])]),
    );
  }

  /** Keeps the last group back while it may go on in the next row. */
  async #flushCompleteGroups(bytesDone: number): Promise<void> {
    const { kindRun } = this.#parts;
    const last = this.#pending.at(-1);
    let end = this.#pending.length;
    if (kindRun.groupOf && last) {
      const group = kindRun.groupOf(last.value);
      while (end > 0 && kindRun.groupOf((this.#pending[end - 1] as Pending).value) === group) end -= 1;
      if (end === 0) {
        if (this.#pending.length < maxGroupRows) return;
        end = this.#pending.length;
      }
    }
    const rest = this.#pending.slice(end);
    await this.#flush(this.#pending.slice(0, end), bytesDone);
    this.#pending = rest;
  }

  async #flushArranged(batchRows: number, bytesDone: number): Promise<void> {
    const arranged = (this.#parts.kindRun.arrange?.(this.#pending) ?? this.#pending) as Pending[];
    for (let at = 0; at < arranged.length; at += batchRows) {
      await this.#flush(arranged.slice(at, at + batchRows), bytesDone);
    }
    if (this.#quarantine.length > 0) await this.#flush([], bytesDone);
  }

  /** Stores one batch with its outcomes and how far the run is, in one transaction. */
  async #flush(rows: readonly Pending[], bytesDone: number): Promise<void> {
    const quarantined = this.#quarantine;
    this.#quarantine = [];
    this.#pending = [];
    this.#rowsInBatch = 0;
    this.#batch += 1;
    if (this.#batch <= this.#parts.committedBatches) {
      this.#counts.batchesDone = this.#batch;
      return;
    }
    const { clock, db } = this.#context;
    const now = clock.now().getTime();
    const telling = now - this.#lastProgressAt >= progressEveryMs;
    await this.#parts.kindRun.prepare?.(this.#context, rows);
    const done = await db.transact(this.#context, async (tx) => {
      const outcomes = rows.length > 0 ? await this.#parts.kindRun.apply(tx, rows) : [];
      const { counts, refused } = this.#count(rows, outcomes, quarantined.length, bytesDone);
      const all = [...quarantined, ...refused];
      await insertQuarantine(
        tx,
        this.#parts.file.importId,
        all.map(({ rowNumber, raw, reasons }) => ({ rowNumber, raw, reasons })),
      );
      const totals = this.#totals.result(all.map((row) => row.totals));
      await storeCounts(tx, this.#parts.file.importId, counts, totals);
      if (telling) await this.#tell(tx, counts);
      return { counts, all };
    });
    for (const { totals } of done.all) this.#totals.quarantine(totals);
    this.#counts = done.counts;
    if (telling) this.#lastProgressAt = now;
    this.#parts.onProgress?.(this.#progress(done.counts));
    if (this.#parts.signal?.aborted) throw new ImportInterrupted('the process drains');
  }

  #count(rows: readonly Pending[], outcomes: readonly RowOutcome[], alreadyRefused: number, bytesDone: number) {
    const counts = { ...this.#counts, batchesDone: this.#batch, textBytesDone: bytesDone };
    const refused: (Omit<QuarantinedRow, 'id'> & { totals: string[] })[] = [];
    rows.forEach((row, i) => {
      const outcome = outcomes[i] ?? ['the row was not looked at'];
      if (outcome === 'stored') counts[row.derived ? 'derivedStored' : 'stored'] += 1;
      else if (outcome === 'unchanged') counts[row.derived ? 'derivedUnchanged' : 'unchanged'] += 1;
      else if (!row.derived) {
        refused.push({
          rowNumber: row.rowNumber,
          raw: this.#raw(row.cells),
          reasons: [...outcome],
          totals: row.totals,
        });
      }
    });
    counts.quarantined += alreadyRefused + refused.length;
    return { counts, refused };
  }

  #progress(counts: RunCounts): ImportProgress {
    const { read, stored, unchanged, quarantined } = counts;
    const done = Math.min(1, counts.textBytesDone / Math.max(1, this.#parts.facts.textBytes));
    return { importId: this.#parts.file.importId, done, rows: { read, stored, unchanged, quarantined } };
  }

  async #tell(tx: TenantTx<Context>, counts: RunCounts): Promise<void> {
    const { importId, fileName } = this.#parts.file;
    await emit(tx, {
      type: masterDataEvents.importProgressed,
      subjectType: 'import',
      subjectId: importId,
      data: { kind: this.#parts.kind.kind, fileName, ...this.#progress(counts) },
    });
  }

  async #end(): Promise<void> {
    const { file, kind, kindRun, mapper } = this.#parts;
    const totals = this.#totals.result();
    await this.#context.db.transact(this.#context, async (tx) => {
      const { rows } = this.#progress(this.#counts);
      const notes = (await kindRun.finish?.(tx, rows)) ?? [];
      if (mapper.ignored.length > 0) notes.push(`Columns that were not used: ${mapper.ignored.join(', ')}.`);
      const counts = { ...this.#counts, textBytesDone: this.#parts.facts.textBytes };
      await storeCounts(tx, file.importId, counts, totals);
      await endRun(tx, file.importId, { status: 'finished', errors: [], notes });
      const after = { kind: kind.kind, fileName: file.fileName, rows, totals };
      await recordAudit(tx, { action: 'import.finished', entityType: 'import', entityId: file.importId, after });
      await emit(tx, {
        type: masterDataEvents.importFinished,
        subjectType: 'import',
        subjectId: file.importId,
        data: { importId: file.importId, status: 'finished', notes, ...after },
      });
    });
  }
}

function onlyBlanksBeyond(cells: readonly string[], count: number): boolean {
  return cells.length > count && cells.slice(count).every((text) => text.trim() === '');
}

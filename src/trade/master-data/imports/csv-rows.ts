import { CsvError, parse } from 'csv-parse';
import { type FileFacts, type FileSource, openContent, refuseFile } from './file-source.ts';

/** The rows of a file: the header first, then one array of cells a row. */
export interface FileRows extends AsyncIterable<string[]> {
  /** Bytes of the file's text that were read so far. */
  bytesRead(): number;
}

/** Largest row. A row of a planning spreadsheet with long notes has a few KiB. */
const maxRowBytes = 1 << 20;

/** Streams the rows of a CSV file (RFC 4180, UTF-8, BOM allowed); it must have passed `inspectFile`. */
export function csvRows(source: FileSource, facts: FileFacts): FileRows {
  const parser = parse({
    bom: true,
    delimiter: facts.delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRowBytes,
  });
  const content = openContent(source, facts.gzipped);
  content.on('error', (error) => parser.destroy(error));
  content.pipe(parser);
  return {
    bytesRead: () => parser.info.bytes,
    async *[Symbol.asyncIterator]() {
      try {
        for await (const row of parser as AsyncIterable<string[]>) yield row;
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
        const line = (error as CsvError & { lines?: number }).lines;
        refuseFile(`The file is not readable as CSV${line ? ` near line ${line}` : ''}: ${error.code}.`, error);
      } finally {
        content.destroy();
      }
    },
  };
}

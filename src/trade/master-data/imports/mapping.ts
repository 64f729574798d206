import { z } from 'zod';

/** Limits of a mapping file: far above what a layout needs, low enough that a hostile one stays cheap. */
const limits = { columns: 60, texts: 10_000, parts: 10, levels: 10, conditions: 50 };

const columnName = z.string().min(1).max(200);
const cellText = z.string().max(500);

/** How dates are written in the file. */
const dateFormats = ['YYYY-MM-DD', 'YYYYMMDD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY'] as const;
/** One of the date formats that a mapping can name. */
export type DateFormat = (typeof dateFormats)[number];

/** What happens to a value once it is found, in this order. */
const steps = {
  case: z.enum(['upper', 'lower']).optional(),
  /** Values that are not listed stay, unless `strict`. */
  translate: z
    .record(cellText, cellText)
    .refine((texts) => Object.keys(texts).length <= limits.texts, 'has too many entries')
    .optional(),
  /** With `translate`: a value that is not listed puts the row into quarantine. */
  strict: z.boolean().optional(),
  /** How numbers are written: decimal sign, and the sign between groups of digits. */
  number: z.strictObject({ decimal: z.enum(['.', ',']), group: z.enum(['.', ',', ' ', "'"]).optional() }).optional(),
  date: z
    .strictObject({ format: z.enum(dateFormats).optional(), shiftDays: z.number().int().min(-400).max(400).optional() })
    .optional(),
  default: cellText.optional(),
};

const operator = { in: z.array(cellText).min(1).max(1_000).optional(), empty: z.boolean().optional() };
const simple = z.union([
  columnName,
  z.strictObject({ column: columnName, ...steps }),
  z.strictObject({ constant: cellText }),
]);
const joined = z.strictObject({
  join: z.array(simple).min(1).max(limits.parts),
  separator: z.string().max(10).default(''),
  ...steps,
});
const chosen = z.strictObject({
  choose: z
    .array(
      z.strictObject({
        when: z.strictObject({ column: columnName, ...operator }),
        use: z.union([simple, joined]),
      }),
    )
    .min(1)
    .max(limits.conditions),
  otherwise: z.union([simple, joined]),
});
const expression = z.union([simple, joined, chosen]);

const columns = z
  .record(columnName, expression)
  .refine((record) => Object.keys(record).length <= limits.columns, 'has too many columns');

/**
 * A mapping file: how the columns of a kind come from another layout. It may rename, set constants, shift dates,
 * translate codes, join cells, choose by condition and derive parents (several levels from one row).
 */
export const mappingSchema = z.strictObject({
  /** What the file is, for people. */
  description: z.string().max(2_000).optional(),
  kind: z.string().max(60),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** XLSX: the sheet to read; the first one when absent. */
  sheet: z.string().max(100).optional(),
  columns,
  /** Parents derived from each row, the topmost first; each stands below the one before, the row below the last. */
  parents: z.array(columns).max(limits.levels).optional(),
});

/** A checked mapping file. */
export type Mapping = z.infer<typeof mappingSchema>;
/** Where one column's value comes from. */
export type Expression = z.infer<typeof expression>;

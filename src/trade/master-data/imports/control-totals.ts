import { Decimal } from '#money';

const millionths = 1_000_000;
const plain = /^(-?)(\d{1,9})(?:\.(\d{1,6}))?$/;

/** An exact running sum of decimal strings: whole millionths, carried over into a big integer before they could round. */
class ExactSum {
  #small = 0;
  #large = 0n;

  constructor(start = '0') {
    this.add(start);
  }

  add(text: string): void {
    const match = plain.exec(text);
    if (match) {
      const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string?];
      const value = Number(whole) * millionths + Number(fraction.padEnd(6, '0'));
      this.#small += sign === '-' ? -value : value;
      // One more summand of at most 1e15 must stay below 2^53.
      if (Math.abs(this.#small) > 4e15) this.#carry();
      return;
    }
    if (!/^[+-]?\d{1,30}(\.\d{1,30})?$/.test(text)) return;
    this.#large += BigInt(new Decimal(text).times(millionths).toFixed(0));
  }

  #carry(): void {
    this.#large += BigInt(this.#small);
    this.#small = 0;
  }

  toString(): string {
    this.#carry();
    return new Decimal(this.#large.toString()).div(millionths).toString();
  }
}

/** Sums of one column as decimal strings; `read` = `accepted` + `quarantined`. Cells that are no numbers count nowhere. */
export interface ColumnTotal {
  read: string;
  accepted: string;
  quarantined: string;
}

/** Control totals of a file, by column: what the sender compares with what was sent. */
export class ControlTotals {
  readonly #columns: readonly string[];
  readonly #read: ExactSum[];
  readonly #quarantined: ExactSum[];

  /** `committed`: totals of the batches of an earlier try, whose quarantine this pass does not see again. */
  constructor(columns: readonly string[], committed: Readonly<Record<string, ColumnTotal>> = {}) {
    this.#columns = columns;
    this.#read = columns.map(() => new ExactSum());
    this.#quarantined = columns.map((column) => new ExactSum(committed[column]?.quarantined));
  }

  /** Counts a row that was read; answers its cells, for {@link ControlTotals.quarantine}. */
  read(texts: Readonly<Record<string, string>>): string[] {
    return this.#columns.map((column, i) => {
      const text = texts[column] ?? '';
      this.#read[i]?.add(text);
      return text;
    });
  }

  /** Counts the cells of a row that goes to quarantine. */
  quarantine(cells: readonly string[]): void {
    cells.forEach((text, i) => {
      this.#quarantined[i]?.add(text);
    });
  }

  /** The sums so far, with the cells of rows that are about to go to quarantine. */
  result(quarantining: readonly (readonly string[])[] = []): Record<string, ColumnTotal> {
    return Object.fromEntries(
      this.#columns.map((column, i) => {
        const read = String(this.#read[i]);
        const sum = new ExactSum(String(this.#quarantined[i]));
        for (const cells of quarantining) sum.add(cells[i] ?? '');
        const quarantined = String(sum);
        return [column, { read, accepted: new Decimal(read).minus(quarantined).toString(), quarantined }];
      }),
    );
  }
}

import { Problem } from '#problem';
import { type DecideOptions, decide, type Explanation } from './decide.ts';
import type { CompiledModel } from './dmn/compile-model.ts';
import type { Json } from './feel-json.ts';

/** What a business rule does with what it finds, the gravest first. */
export const severities = ['block', 'require approval', 'warn'] as const;
/** One of {@link severities}. */
export type Severity = (typeof severities)[number];

/** A rule that applies: a row of the table. */
export interface Finding {
  severity: Severity;
  message: string;
  /** The table's row, by id and by number from 1. */
  row: { id: string; row: number };
  /** The table's other outputs by name: who approves, which limit. */
  details: Record<string, Json>;
}

/** What rules say together: the gravest of what was found, `allow` where nothing was. */
export interface Verdict {
  outcome: Severity | 'allow';
  findings: Finding[];
  tables: Explanation[];
}

/**
 * Asks business rules: a decision table that collects (`C`, `R`) rows with the outputs `severity` and `message`. Throws what
 * {@link decide} throws, and `decision.refused` for a decision that is no such table.
 */
export function judge(
  compiled: CompiledModel,
  decision: string,
  inputs: Readonly<Record<string, Json>>,
  options: DecideOptions,
): Verdict {
  const { value, tables, notes } = decide(compiled, decision, inputs, options);
  const asked = tables.at(-1);
  const rows = asked && asked.matched.length === 0 ? [] : value;
  if (!asked || !Array.isArray(rows) || rows.length !== asked.matched.length) {
    throw new Problem('decision.refused', {
      detail: `"${decision}" is no table that collects rules. ${notes.join(' ')}`.trim(),
    });
  }
  const findings = rows.map((row: Json, index): Finding => findingOf(row, asked.matched[index]!, decision));
  const outcome = severities.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'allow';
  return { outcome, findings, tables };
}

function findingOf(result: Json, row: Finding['row'], decision: string): Finding {
  const { severity, message, ...details } =
    typeof result === 'object' && result !== null ? (result as Record<string, Json>) : {};
  const known = severities.find((one) => one === severity);
  if (!known || typeof message !== 'string') {
    throw new Problem('decision.refused', {
      detail: `Row ${row.row} of "${decision}" needs a severity (${severities.join(', ')}) and a message.`,
    });
  }
  return { severity: known, message, row, details };
}

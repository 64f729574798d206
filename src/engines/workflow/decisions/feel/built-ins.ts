import { buildTable } from './built-in.ts';
import { contextFunctions } from './built-ins/contexts.ts';
import { listFunctions } from './built-ins/lists.ts';
import { numberFunctions } from './built-ins/numbers.ts';
import { rangeFunctions } from './built-ins/ranges.ts';
import { stringFunctions } from './built-ins/strings.ts';
import { timeFunctions } from './built-ins/times.ts';
import type { FeelFunction } from './feel-value.ts';

/** FEEL's own functions by name (DMN 1.5 § 10.3.4). */
export const builtIns: ReadonlyMap<string, FeelFunction> = buildTable({
  ...stringFunctions,
  ...numberFunctions,
  ...listFunctions,
  ...contextFunctions,
  ...timeFunctions,
  ...rangeFunctions,
});

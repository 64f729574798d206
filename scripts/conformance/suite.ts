/** What one suite of vectors found: a vector is right, wrong, or not asked, for a reason that has a name. */
export interface SuiteResult {
  suite: string;
  passed: number;
  /** What went wrong, one line a vector. */
  failed: string[];
  /** Reason → vectors left out for it. */
  skipped: Map<string, number>;
  /** Every vector: `passed <vector>`, `failed <vector>` or `skipped <vector>: <reason>`. */
  vectors: string[];
}

/** Thrown by a vector that cannot be asked of this product; the message is the reason, which the report counts. */
export class Skip extends Error {
  override name = 'Skip';
}

/** Asks every vector; `ask` resolves to whether the product did what the vector demands. */
export async function runSuite<V>(
  suite: string,
  vectors: Iterable<V>,
  describe: (vector: V) => string,
  ask: (vector: V) => Promise<boolean>,
): Promise<SuiteResult> {
  const result: SuiteResult = { suite, passed: 0, failed: [], skipped: new Map(), vectors: [] };
  for (const vector of vectors) {
    try {
      const right = await ask(vector);
      if (right) result.passed += 1;
      else result.failed.push(describe(vector));
      result.vectors.push(`${right ? 'passed' : 'failed'} ${describe(vector)}`);
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      result.skipped.set(error.message, (result.skipped.get(error.message) ?? 0) + 1);
      result.vectors.push(`skipped ${describe(vector)}: ${error.message}`);
    }
  }
  return result;
}

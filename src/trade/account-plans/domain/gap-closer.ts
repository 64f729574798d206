/** A draft with the contribution that it would add, in minor units. */
interface Addition {
  draft: { code: string };
  contribution: bigint;
}

/**
 * Drafts that add contribution, the largest first, each with what is still missing once it and all before it are counted
 * (null without a target). A draft that loses money closes no gap and is left out.
 */
export function rankClosers<A extends Addition>(
  additions: readonly A[],
  missing: bigint | null,
): (A & { missingBefore: bigint | null; remaining: bigint | null })[] {
  const adding = additions.filter(({ contribution }) => contribution > 0n);
  adding.sort((a, b) => {
    if (a.contribution !== b.contribution) return a.contribution > b.contribution ? -1 : 1;
    return a.draft.code < b.draft.code ? -1 : 1;
  });
  let still = missing;
  return adding.map((one) => {
    const missingBefore = still;
    if (still !== null) still -= one.contribution;
    return { ...one, missingBefore, remaining: still };
  });
}

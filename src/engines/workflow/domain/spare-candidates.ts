/**
 * The candidates of a step whom no later step is in need of. Nobody decides two steps of one process, so a step taken by
 * the only person of a later one would leave that one to nobody. `later`: the candidates of each step still to come.
 */
export function spareCandidates(candidates: readonly string[], later: readonly (readonly string[])[]): string[] {
  return candidates.filter((person) => eachStepHasItsOwn(later, person));
}

/** Whether every step can get a person of its own, `without` one of them (bipartite matching by augmenting paths). */
function eachStepHasItsOwn(steps: readonly (readonly string[])[], without: string): boolean {
  const stepOf = new Map<string, number>();
  const place = (step: number, tried: Set<string>): boolean => {
    for (const person of steps[step] ?? []) {
      if (person === without || tried.has(person)) continue;
      tried.add(person);
      const taken = stepOf.get(person);
      if (taken !== undefined && !place(taken, tried)) continue;
      stepOf.set(person, step);
      return true;
    }
    return false;
  };
  return steps.every((_, step) => place(step, new Set()));
}

/**
 * Splits a whole number by weights so that the parts sum exactly: largest remainder, ties to the first. The same rule as
 * `allocate` of money, on plain integers, for hundreds of thousands of parts at once. Without any weight the whole goes
 * to the first. `total` may be negative; weights are not. All are safe integers.
 */
export function splitInteger(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (weights.length === 0) return [];
  if (sum === 0 || total === 0) return weights.map((_, i) => (i === 0 ? total : 0));
  const magnitude = Math.abs(total);
  const parts = new Array<number>(weights.length);
  const remainders = new Array<number>(weights.length);
  let missing = magnitude;
  // Every product below is at most magnitude × sum: where that is a safe integer, numbers are exact.
  const exact = Number.isSafeInteger(magnitude * sum);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] ?? 0;
    let remainder: number;
    if (exact) {
      remainder = (magnitude * weight) % sum;
      parts[i] = (magnitude * weight - remainder) / sum;
    } else {
      const product = BigInt(magnitude) * BigInt(weight);
      remainder = Number(product % BigInt(sum));
      parts[i] = Number(product / BigInt(sum));
    }
    remainders[i] = remainder;
    missing -= parts[i] ?? 0;
  }
  if (missing > 0) {
    const order = remainders.map((_, i) => i).sort((a, b) => (remainders[b] ?? 0) - (remainders[a] ?? 0) || a - b);
    for (const index of order.slice(0, missing)) parts[index] = (parts[index] ?? 0) + 1;
  }
  return total < 0 ? parts.map((part) => (part === 0 ? 0 : -part)) : parts;
}

/** A seeded stream of random numbers: the same seed and name give the same numbers on every machine. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Whole number in [low, high], both included. */
  whole(low: number, high: number): number;
  /** One of the items, each as likely. */
  pick<T>(items: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Standard normal. */
  normal(): number;
  /** Gamma with mean 1 and the given coefficient of variation; 1 when it is 0. */
  gammaMeanOne(coefficientOfVariation: number): number;
  /** Poisson with the given mean; 0 when the mean is 0 or less. */
  poisson(mean: number): number;
  /** A new array in random order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** FNV-1a hash of a text, 32 bits: names of streams become numbers. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** sfc32 generator (Chris Doty-Humphrey, PractRand), warmed up by 16 steps. */
function createUniform(seed: number, name: string): () => number {
  let a = hashText(`${name}/a/${seed}`);
  let b = hashText(`${name}/b/${seed}`);
  let c = seed >>> 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** Marsaglia and Tsang (2000), "A simple method for generating gamma variables"; shape ≥ 1. */
function gammaSample(shape: number, uniform: () => number, normal: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Above this mean the normal approximation of the Poisson is off by less than the noise it stands for. */
const POISSON_EXACT_UP_TO = 60;

function poissonSample(mean: number, uniform: () => number, normal: () => number): number {
  if (!(mean > 0)) return 0;
  if (mean > POISSON_EXACT_UP_TO) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  const limit = Math.exp(-mean);
  let product = uniform();
  let count = 0;
  while (product > limit) {
    product *= uniform();
    count++;
  }
  return count;
}

/** Opens the stream `name` of a seed; streams of different names are independent. */
export function createRandom(seed: number, name: string): RandomStream {
  const uniform = createUniform(seed, name);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const whole = (low: number, high: number): number => low + Math.floor(uniform() * (high - low + 1));
  return {
    uniform,
    normal,
    whole,
    between: (low, high) => low + uniform() * (high - low),
    pick: (items) => items[whole(0, items.length - 1)]!,
    chance: (probability) => uniform() < probability,
    gammaMeanOne(cv) {
      if (cv <= 0) return 1;
      const shape = 1 / (cv * cv);
      return gammaSample(shape, uniform, normal) / shape;
    },
    poisson: (mean) => poissonSample(mean, uniform, normal),
    shuffled(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = whole(0, i);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
  };
}

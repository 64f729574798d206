/** Slots that are used at most, in per cent: above that, probing grows long. */
const fullPercent = 60;

/** A set of non-negative integers below 2^53 in 8 to 27 bytes each, for the millions of keys of a file of facts. */
export class NumberSet {
  #slots = new Float64Array(1 << 12).fill(-1);
  #size = 0;

  /** Adds `value`; answers whether it was new. */
  add(value: number): boolean {
    if (this.#size * 100 >= this.#slots.length * fullPercent) this.#grow();
    const at = this.#find(value);
    if (this.#slots[at] === value) return false;
    this.#slots[at] = value;
    this.#size += 1;
    return true;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  #find(value: number): number {
    const mask = this.#slots.length - 1;
    // Both halves of the number take part: neighbouring keys differ in the low one only.
    const high = Math.floor(value / 0x1_0000_0000);
    const mixed = Math.imul((value | 0) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    let at = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#slots[at] !== -1 && this.#slots[at] !== value) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2).fill(-1);
    for (const value of old) if (value !== -1) this.#slots[this.#find(value)] = value;
  }
}

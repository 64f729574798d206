import { dayMs } from './profile.ts';

/** How many people stand for a group, so that a look at them costs the same in a house of any size. */
const maxPeers = 120;
/** People who export that are remembered. */
const maxPeople = 50_000;
/** Who exported nothing for so long stands for nobody. */
const silentMs = 60 * dayMs;

/** People who export, by the group that they are compared in; the first ones stay, so that they are not just the busiest of today. */
export class Peers {
  #groupOf: (personId: string) => string = () => '';
  readonly #lastMs = new Map<string, number>();
  readonly #groups = new Map<string, string[]>();

  /** Groups change, and are known only after what was seen before. */
  set groupOf(groupOf: (personId: string) => string) {
    this.#groupOf = groupOf;
    this.#groups.clear();
    let latestMs = 0;
    for (const lastMs of this.#lastMs.values()) latestMs = Math.max(latestMs, lastMs);
    for (const [id, lastMs] of this.#lastMs) if (lastMs >= latestMs - silentMs) this.#join(id);
  }

  note(personId: string, atMs: number): void {
    const isKnown = this.#lastMs.has(personId);
    if (!isKnown && this.#lastMs.size >= maxPeople) return;
    this.#lastMs.set(personId, atMs);
    if (!isKnown) this.#join(personId);
  }

  /** The people who stand for the group of somebody, without them. */
  of(personId: string): string[] {
    return (this.#groups.get(this.#groupOf(personId)) ?? []).filter((id) => id !== personId);
  }

  #join(personId: string): void {
    const group = this.#groupOf(personId);
    const people = this.#groups.get(group);
    if (!people) this.#groups.set(group, [personId]);
    else if (people.length < maxPeers) people.push(personId);
  }
}

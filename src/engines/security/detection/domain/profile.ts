import { numberOf, textOf, type WatchedEvent } from './watched-event.ts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** How often something was seen with somebody. */
interface Sighting {
  firstMs: number;
  lastMs: number;
  /** On how many different days. */
  days: number;
}

/** A thing becomes forgotten when it was not seen for so long. */
const forgetMs = 90 * dayMs;
/** Habits of hours halve in weight in so long. */
const hoursHalfLifeMs = 21 * dayMs;
/** After so many hours what was done is a habit. */
const habitHours = 16;
/** What is kept of one person's devices, networks and days with exports. */
const maxSightings = 60;
const maxExportDays = 60;
const maxSizes = 60;

/** The middle one of some numbers; 0 of none. */
function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** What may as well be somebody else: nothing is learned from it. */
const unproven: ReadonlySet<string> = new Set([
  'sign_in.password',
  'sign_in.second_factor',
  'token.reused',
  'session.moved',
  'password.reset_requested',
  'password.changed',
]);

/** Remembers sightings, the least recent forgotten first. */
class Habit {
  readonly #seen = new Map<string, Sighting>();

  see(what: string | null, atMs: number): void {
    if (what === null) return;
    const known = this.#seen.get(what);
    const days = known ? known.days + (Math.floor(known.lastMs / dayMs) < Math.floor(atMs / dayMs) ? 1 : 0) : 1;
    this.#seen.delete(what);
    this.#seen.set(what, { firstMs: known?.firstMs ?? atMs, lastMs: atMs, days });
    if (this.#seen.size > maxSightings) this.#seen.delete(this.#seen.keys().next().value ?? '');
  }

  /** 1: never seen; 0: a habit of several days; between: seen for the first time not long ago. Unknown things say half. */
  strangeness(what: string | null, atMs: number): number {
    if (what === null) return 0.5;
    const known = this.#seen.get(what);
    if (!known || atMs - known.lastMs > forgetMs) return 1;
    if (known.days >= 3) return 0;
    return atMs - known.firstMs < 12 * hourMs ? 0.8 : 0.3;
  }

  /** When it was first seen; absent: never. */
  firstSeenMs(what: string): number | undefined {
    return this.#seen.get(what)?.firstMs;
  }
}

/** Rows exported on a large day, and on how many days there were any. */
interface ExportDays {
  large: number;
  days: number;
}

/** What is usual for one person or one API key: learned from what they do, forgotten with time. */
export class Profile {
  readonly devices = new Habit();
  readonly networks = new Habit();
  /** Kinds of act, of exported data and of permission that they had to do with. */
  readonly deeds = new Habit();
  firstMs = Number.NaN;
  /** When they were last there, and when they last signed in or went on with a session. */
  lastMs = Number.NaN;
  lastSignInMs = Number.NaN;
  #hours = new Array<number>(24).fill(0);
  #hoursAtMs = 0;
  /** Hours of the present day, counted from the epoch: not habits yet, so that nobody gets used to what is just being done. */
  #fresh: number[] = [];
  #signIns = 0;
  #strongSignIns = 0;
  #weekdays = new Array<number>(7).fill(0);
  #exportDays: { day: number; rows: number }[] = [];
  /** As long as it is the same day, what was exported before it stays. */
  #exportsBefore: ExportDays & { today: number } = { today: -1, large: 0, days: 0 };
  /** Rows of the last exports, amounts of the last settlements. */
  #pieces: number[] = [];
  #amounts: number[] = [];

  /** Takes an event of theirs into what is usual. */
  learn(event: WatchedEvent): void {
    const { atMs } = event;
    if (Number.isNaN(this.firstMs)) this.firstMs = atMs;
    // A password alone does not make a device theirs, nor does a token that moves.
    if (event.outcome === 'refused' || unproven.has(event.kind)) return;
    this.lastMs = atMs;
    if (event.kind === 'sign_in.succeeded') this.lastSignInMs = atMs;
    this.devices.see(event.device, atMs);
    this.networks.see(event.network, atMs);
    this.deeds.see(event.kind, atMs);
    const what = textOf(event, 'what') ?? textOf(event, 'permission');
    if (what !== null) this.deeds.see(`${event.kind} ${what}`, atMs);
    this.#learnHour(atMs);
    if (event.kind === 'data.exported') this.#learnExport(atMs, numberOf(event, 'rows'));
    if (event.kind === 'act.settled')
      this.#amounts = [...this.#amounts, Number(textOf(event, 'amount') ?? 0)].slice(-maxSizes);
  }

  #learnHour(atMs: number): void {
    const hour = Math.floor(atMs / hourMs);
    while ((this.#fresh[0] ?? hour) <= hour - habitHours) this.#addHour(this.#fresh.shift() ?? hour);
    // An hour of a day counts once, however much is done in it.
    if (this.#fresh.at(-1) !== hour) this.#fresh.push(hour);
  }

  #addHour(hour: number): void {
    const atMs = hour * hourMs;
    const fade = 0.5 ** ((atMs - this.#hoursAtMs) / hoursHalfLifeMs);
    const weekday = new Date(atMs).getUTCDay();
    this.#hours = this.#hours.map((weight, n) => weight * fade + (n === hour % 24 ? 1 : 0));
    this.#weekdays = this.#weekdays.map((weight, n) => weight * fade + (n === weekday ? 1 : 0));
    this.#hoursAtMs = atMs;
  }

  #learnExport(atMs: number, rows: number): void {
    this.#pieces = [...this.#pieces, rows].slice(-maxSizes);
    const day = Math.floor(atMs / dayMs);
    const last = this.#exportDays.at(-1);
    if (last?.day === day) last.rows += rows;
    else this.#exportDays.push({ day, rows });
    if (this.#exportDays.length > maxExportDays) this.#exportDays.shift();
  }

  /** 0: an hour at which they are often there; 1: never. 0 as long as little is known of them. */
  oddHour(atMs: number): number {
    const total = this.#hours.reduce((sum, weight) => sum + weight, 0);
    if (total < 12) return 0;
    const hour = Math.floor((atMs % dayMs) / hourMs);
    const near = [hour + 22, hour + 23, hour, hour + 1, hour + 2].map((h) => this.#hours[h % 24] ?? 0);
    // An even spread over the day would give 5/24.
    const share = near.reduce((sum, weight) => sum + weight, 0) / total;
    return Math.max(0, 1 - share / 0.12);
  }

  /** 0: a day of the week on which they are often there; 1: never. 0 as long as little is known of them. */
  oddDay(atMs: number): number {
    const total = this.#weekdays.reduce((sum, weight) => sum + weight, 0);
    if (total < 20) return 0;
    // An even spread over the week would give 1/7.
    return Math.max(0, 1 - (this.#weekdays[new Date(atMs).getUTCDay()] ?? 0) / total / 0.05);
  }

  /** The middle one of the amounts that they settled lately; 0 where there are fewer than five. */
  get usualAmount(): number {
    return this.#amounts.length < 5 ? 0 : middleOf(this.#amounts);
  }

  /** The middle one of the rows of their last exports; 0 where there are fewer than two. */
  get usualPiece(): number {
    return this.#pieces.length < 2 ? 0 : middleOf(this.#pieces);
  }

  /** Rows exported on the day of `atMs` and the one before it, as far as learned. */
  exportedSinceYesterday(atMs: number): number {
    const yesterday = Math.floor(atMs / dayMs) - 1;
    let rows = 0;
    for (const one of this.#exportDays.slice(-2)) if (one.day >= yesterday) rows += one.rows;
    return rows;
  }

  /** Takes a sign-in into how they prove who they are. */
  learnSignIn(strong: boolean): void {
    this.#signIns += 1;
    if (strong) this.#strongSignIns += 1;
  }

  /** Whether they show a second factor as a rule. */
  get isStrongByHabit(): boolean {
    return this.#signIns >= 5 && this.#strongSignIns / this.#signIns > 0.8;
  }

  /** Rows exported on a large day (nine of ten are smaller), of the days with any before that of `atMs`. */
  exportsBefore(atMs: number): ExportDays {
    const today = Math.floor(atMs / dayMs);
    if (this.#exportsBefore.today === today) return this.#exportsBefore;
    const rows = this.#exportDays.filter(({ day }) => day < today).map((day) => day.rows);
    rows.sort((a, b) => a - b);
    const large = rows[Math.floor(0.9 * (rows.length - 1))] ?? 0;
    this.#exportsBefore = { today, large, days: rows.length };
    return this.#exportsBefore;
  }
}

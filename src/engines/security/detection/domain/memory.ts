import type { EventKind } from './event-kinds.ts';
import { Peers } from './peers.ts';
import { dayMs, hourMs, Profile } from './profile.ts';
import { textOf, type WatchedEvent } from './watched-event.ts';

/** A session as it looked when it began. */
export interface SessionStart {
  personId: string;
  atMs: number;
  device: string | null;
  network: string | null;
  /** How strange device and network were for this person then, 0 to 1; a network of the house is not strange. */
  deviceStrange: number;
  networkStrange: number;
  oddHour: number;
  /** How long nothing had been heard of them. */
  silenceMs: number;
  /** Whether a second factor or a passkey was shown. */
  strong: boolean;
}

/** Who made a record that needs a decision, and for whom. */
export interface MadeRecord {
  makerId: string;
  counterpartId: string | null;
  atMs: number;
}

/** A decision on somebody's record. */
export interface Approval {
  makerId: string;
  approverId: string;
  atMs: number;
  eventId: string;
  /** How long the record had waited. */
  waitedMs: number;
  counterpartId: string | null;
}

/** How far rules may look back at events themselves, and how many of one key are kept. */
const recentMs = 8 * dayMs;
const maxRecent = 400;
/** A network from which so many people signed in lately is one of the house. */
const housePeople = 4;
const houseMs = 21 * dayMs;
/** Approvals are compared over so long. */
const approvalsMs = 60 * dayMs;
const maxApprovals = 20_000;
/** Sessions and records that are remembered. */
const maxKept = 50_000;

/** What is remembered by the counterpart that it is for. */
const moneyKinds: ReadonlySet<EventKind> = new Set(['act.rerouted', 'act.settled']);

/** Ways to sign in that need more than a password. */
const provenTwice = /passkey|totp|recovery_code|oidc/;

/** The oldest of a map that has grown too large is forgotten. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  if (map.size > maxKept) map.delete(map.keys().next().value ?? '');
}

/** What detection knows of one tenant. Everything in it is bounded. */
export class Memory {
  readonly sessions = new Map<string, SessionStart>();
  readonly records = new Map<string, MadeRecord>();
  /** Approvals in their order, for what is chance and what is not. */
  approvals: Approval[] = [];
  readonly #approvalsOf = new Map<string, Approval[]>();
  readonly #profiles = new Map<string, Profile>();
  readonly #recent = new Map<string, WatchedEvent[]>();
  readonly #exporters = new Peers();
  readonly #networkUsers = new Map<string, Map<string, number>>();

  /** What is usual for a person (`person:…`) or an API key (`key:…`). */
  profile(key: string): Profile {
    let profile = this.#profiles.get(key);
    if (!profile) {
      profile = new Profile();
      keep(this.#profiles, key, profile);
    }
    return profile;
  }

  /** Events of a key (`person:`, `network:`, `subject:`, `kind:`; `counterpart:` of money and its way), the latest last, not older than `withinMs`. */
  recent(key: string, nowMs: number, withinMs: number, kinds?: readonly EventKind[]): WatchedEvent[] {
    const events = this.#recent.get(key) ?? [];
    const found: WatchedEvent[] = [];
    for (let n = events.length - 1; n >= 0; n--) {
      const event = events[n];
      if (!event || event.atMs < nowMs - withinMs) break;
      if (event.atMs <= nowMs && (!kinds || kinds.includes(event.kind))) found.push(event);
    }
    return found.reverse();
  }

  /** Whether several people have come from a network lately: an office, its guest network, its way out. */
  isHouseNetwork(network: string | null, nowMs: number): boolean {
    let lately = 0;
    for (const [user, lastMs] of this.usersOf(network))
      if (user.startsWith('person:') && nowMs - lastMs < houseMs) lately += 1;
    return lately >= housePeople;
  }

  /** Who signed in from a network, or used a key there, before a moment: `person:…` and `key:…`. */
  usersOf(network: string | null): ReadonlyMap<string, number> {
    return (network === null ? undefined : this.#networkUsers.get(network)) ?? new Map();
  }

  /** The group of people whom a person is compared with: those of the same roles. */
  set peerGroup(groupOf: (personId: string) => string) {
    this.#exporters.groupOf = groupOf;
  }

  /** People of the same roles as somebody, without them, who export now and then; a sample of them in large groups. */
  peersOf(personId: string): string[] {
    return this.#exporters.of(personId);
  }

  /** How strange the network of an event is for somebody, 0 to 1. */
  networkStrangeness(event: WatchedEvent, personId: string): number {
    if (this.isHouseNetwork(event.network, event.atMs)) return 0;
    return this.profile(`person:${personId}`).networks.strangeness(event.network, event.atMs);
  }

  /** How strange the device of an event is for somebody, 0 to 1. */
  deviceStrangeness(event: WatchedEvent, personId: string): number {
    return this.profile(`person:${personId}`).devices.strangeness(event.device, event.atMs);
  }

  /** The session in which an event happened, else the last one that the person began within a day. */
  sessionOf(event: WatchedEvent): SessionStart | undefined {
    const own = event.sessionId === null ? undefined : this.sessions.get(event.sessionId);
    if (own || event.personId === null || event.sessionId !== null) return own;
    const last = this.recent(`person:${event.personId}`, event.atMs, dayMs, ['sign_in.succeeded']).at(-1);
    return last?.sessionId ? this.sessions.get(last.sessionId) : undefined;
  }

  /** Takes an event up before the rules look at it: what is usual has not heard of it yet. */
  arrive(event: WatchedEvent): void {
    const keys = [`kind:${event.kind}`];
    if (event.personId !== null) keys.push(`person:${event.personId}`);
    if (event.subjectId !== null) keys.push(`subject:${event.subjectId}`);
    const counterpart = moneyKinds.has(event.kind) ? textOf(event, 'counterpartId') : null;
    if (counterpart !== null) keys.push(`counterpart:${counterpart}`);
    if (event.network !== null && event.kind.startsWith('sign_in.')) keys.push(`network:${event.network}`);
    for (const key of keys) this.#remember(key, event);
    if (event.kind === 'sign_in.succeeded') this.#openSession(event);
    if (event.kind === 'act.made' && event.subjectId !== null && event.personId !== null) {
      const made = { makerId: event.personId, counterpartId: textOf(event, 'counterpartId'), atMs: event.atMs };
      keep(this.records, event.subjectId, made);
    }
    if (event.kind === 'act.approved') this.#approve(event);
  }

  #remember(key: string, event: WatchedEvent): void {
    let events = this.#recent.get(key);
    if (!events) {
      events = [];
      keep(this.#recent, key, events);
    }
    events.push(event);
    const limit = key.startsWith('kind:') ? 4 * maxRecent : maxRecent;
    if (events.length > limit || (events[0]?.atMs ?? 0) < event.atMs - 2 * recentMs) {
      const kept = events.filter(({ atMs }) => atMs >= event.atMs - recentMs).slice(-Math.floor(limit * 0.9));
      this.#recent.set(key, kept);
    }
  }

  #openSession(event: WatchedEvent): void {
    const { personId, sessionId, atMs } = event;
    if (personId === null || sessionId === null) return;
    const profile = this.profile(`person:${personId}`);
    const factor = textOf(event, 'factor');
    const second = this.recent(`person:${personId}`, atMs, hourMs / 6, ['sign_in.second_factor']).at(-1);
    keep(this.sessions, sessionId, {
      ...{ personId, atMs, device: event.device, network: event.network },
      deviceStrange: this.deviceStrangeness(event, personId),
      networkStrange: this.networkStrangeness(event, personId),
      oddHour: profile.oddHour(atMs),
      silenceMs: Number.isNaN(profile.lastSignInMs) ? 0 : atMs - profile.lastSignInMs,
      strong: provenTwice.test(factor ?? '') || second?.outcome === 'succeeded',
    });
  }

  /** The decisions on what somebody made, of the last 60 days. */
  approvalsOf(makerId: string): readonly Approval[] {
    return this.#approvalsOf.get(makerId) ?? [];
  }

  #approve(event: WatchedEvent): void {
    const record = event.subjectId === null ? undefined : this.records.get(event.subjectId);
    if (!record || event.personId === null) return;
    const { makerId, counterpartId } = record;
    const waitedMs = event.atMs - record.atMs;
    const approval = {
      makerId,
      approverId: event.personId,
      atMs: event.atMs,
      eventId: event.id,
      waitedMs,
      counterpartId,
    };
    this.approvals.push(approval);
    const ofMaker = (this.#approvalsOf.get(record.makerId) ?? []).filter(
      ({ atMs }) => atMs >= event.atMs - approvalsMs,
    );
    keep(this.#approvalsOf, record.makerId, [...ofMaker.slice(-maxRecent), approval]);
    if (this.approvals.length > maxApprovals || (this.approvals[0]?.atMs ?? 0) < event.atMs - 2 * approvalsMs) {
      this.approvals = this.approvals.filter(({ atMs }) => atMs >= event.atMs - approvalsMs).slice(-maxApprovals / 2);
    }
  }

  /** Takes an event into what is usual, once the rules have looked. */
  learn(event: WatchedEvent): void {
    if (event.personId !== null) this.profile(`person:${event.personId}`).learn(event);
    if (event.kind === 'data.exported' && event.personId !== null) this.#exporters.note(event.personId, event.atMs);
    const session = event.kind === 'sign_in.succeeded' ? this.sessions.get(event.sessionId ?? '') : undefined;
    if (session) this.profile(`person:${session.personId}`).learnSignIn(session.strong);
    if (event.kind === 'key.used' && event.subjectId !== null) this.profile(`key:${event.subjectId}`).learn(event);
    if (event.kind === 'sign_in.succeeded' && event.personId !== null)
      this.#noteUser(event, `person:${event.personId}`);
    if (event.kind === 'key.used' && event.subjectId !== null) this.#noteUser(event, `key:${event.subjectId}`);
  }

  #noteUser({ network, atMs }: WatchedEvent, user: string): void {
    if (network === null) return;
    let users = this.#networkUsers.get(network);
    if (!users) {
      users = new Map();
      keep(this.#networkUsers, network, users);
    }
    keep(users, user, atMs);
  }
}

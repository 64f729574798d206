/** A line of the audit trail. */
export interface AuditEntry {
  id: string;
  at: string;
  actorId: string;
  actorName: string;
  onBehalfOf: string | null;
  onBehalfOfName: string | null;
  action: string;
  entityType: string;
  entityId: string;
  before: unknown;
  after: unknown;
  reason: string | null;
  requestId: string;
}

/** What is sealed of an entry. */
export interface SealedEntry {
  id: string;
  leaf: string;
  retentionClass: string;
  leafIndex: number | null;
}

/** An inclusion proof (RFC 9162). */
export interface InclusionProof {
  leafIndex: number;
  treeSize: number;
  /** Base64 of hashes of 32 bytes each, nearest first. */
  path: string;
}

/** A signed checkpoint. */
export interface Checkpoint {
  size: number;
  at: string;
  note: string;
}

/** A public key that signs checkpoints. */
export interface SigningKey {
  generation: number;
  name: string;
  publicKey: string;
  createdAt: string;
}

/** A verification of the whole trail. */
export interface Verification {
  id: string;
  requestedAt: string;
  finishedAt: string | null;
  result: {
    entries: number;
    sealed: number;
    waiting: number;
    dropped: number;
    checkpoints: number;
    outside: number;
    badCount: number;
    bad: { id: string; reason: string }[];
  } | null;
  failure: string | null;
}

/** How long a class of entries is kept, and the oldest of it: they go together, so many days after `to`. */
export interface KeptClass {
  retentionClass: string;
  what: string;
  keepDays: number;
  leastDays: number;
  oldest: { from: string; to: string } | null;
}

/** Fewer days for a class that somebody asked for; another confirms them. */
export interface WaitingKeeping {
  id: string;
  retentionClass: string;
  keepDays: number;
  askedBy: string;
  askedAt: string;
}

/** How long each class of entries is kept, and what was dropped since. */
export interface Retention {
  items: KeptClass[];
  /** Where the database says something else than the trail: nothing is dropped until that is mended. */
  doubts: string[];
  /** Fewer days that wait for a second person. */
  waiting: WaitingKeeping[];
  dropped: { retentionClass: string; from: string; to: string; entries: number }[];
}

/** While one stands, nothing of the trail is dropped. */
export interface LegalHold {
  id: string;
  reason: string;
  placedAt: string;
  releasedAt: string | null;
}

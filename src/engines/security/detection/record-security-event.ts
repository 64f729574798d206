import type { Context } from '#context';
import type { TenantTx, Tx } from '#db';
import { deriveKey, macOf } from '../keys/derive-key.ts';
import { networkOf } from '../sign-in/throttle-store.ts';
import type { EventKind, EventOutcome } from './domain/event-kinds.ts';
import { insertEvent, noTenantId } from './event-store.ts';

/** What happened, as the one who saw it says it. No names, e-mails or secrets in `detail`. */
export interface SecurityEvent {
  kind: EventKind;
  /** `succeeded` when absent. */
  outcome?: EventOutcome | undefined;
  /** Who did or tried it; null where that is not known (an e-mail that nobody has). */
  personId?: string | null | undefined;
  sessionId?: string | null | undefined;
  /** To whom or what: the person who got a right, the key, the record. */
  subjectId?: string | null | undefined;
  /** Network address of the caller; kept as MACs of address and network only. */
  address?: string | null | undefined;
  /** What tells the device apart (a device cookie, else the user agent); kept as a MAC only. */
  device?: string | null | undefined;
  /** The account that was tried where it belongs to nobody; kept as a MAC only. */
  account?: string | null | undefined;
  /** Facts for rules and evidence: small, JSON, without personal data. */
  detail?: Record<string, unknown> | undefined;
}

/** Whose event it is, for those outside a tenant's context. */
export interface EventScope {
  /** Null: an attempt at an account that no tenant has. */
  tenantId: string | null;
  at: Date;
  requestId: string;
  newId(): string;
}

let key: Buffer | undefined;

/** Gives the process the secret key under which addresses and devices are kept. Call it before anything is recorded. */
export function setSecurityEventSecret(secretKey: string): void {
  key = deriveKey(secretKey, 'security-event');
}

/** A short fingerprint, the same for equal texts: enough to compare by, nothing to read. */
function fingerprint(what: string, text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (!key) throw new Error('the key of security events is not set: call setSecurityEventSecret(secretKey) at start');
  return macOf(key, `${what}:${text}`).subarray(0, 12).toString('base64url');
}

/** The network of an address: /24 of IPv4, /64 of IPv6. One office or household mostly has one. */
function neighbourhoodOf(address: string): string {
  const network = networkOf(address);
  return /^\d+\.\d+\.\d+\.\d+$/.test(network) ? network.slice(0, network.lastIndexOf('.')) : network;
}

/** Records an operational security event in the running transaction: it is watched once that has committed. */
export async function recordSecurityEvent(tx: TenantTx<Context>, event: SecurityEvent): Promise<void> {
  const { tenant, clock, requestId, newId } = tx.context;
  await appendSecurityEvent(tx, { tenantId: tenant.id, at: clock.now(), requestId, newId }, event);
}

/** {@link recordSecurityEvent} for transactions of the system's role, such as sign-in. */
export async function appendSecurityEvent(tx: Tx, scope: EventScope, event: SecurityEvent): Promise<void> {
  const { address, device, account } = event;
  await insertEvent(tx, {
    id: scope.newId(),
    tenantId: scope.tenantId ?? noTenantId,
    at: scope.at,
    requestId: scope.requestId,
    kind: event.kind,
    outcome: event.outcome ?? 'succeeded',
    personId: event.personId ?? null,
    sessionId: event.sessionId ?? null,
    subjectId: event.subjectId ?? null,
    address: fingerprint('address', address ? networkOf(address) : null),
    network: fingerprint('network', address ? neighbourhoodOf(address) : null),
    device: fingerprint('device', device),
    account: fingerprint('account', account),
    detail: event.detail ?? {},
  });
}

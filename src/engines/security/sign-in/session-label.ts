import { isIPv6 } from 'node:net';
import { KeyErasedError } from '../keys/envelope.ts';
import { keyring } from '../keys/keyring.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { type LiveSession, labelSession } from './session-store.ts';
import { networkOf } from './throttle-store.ts';

/** Where a session is used, in words that its owner recognises. */
export interface SessionLabel {
  /** `Chrome on Windows`. */
  device: string;
  /** A network, not an address: `203.0.113.x`. */
  network: string;
}

const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** A browser and its system from a user agent; what it says beyond that is dropped. */
export function deviceOf(userAgent: string | undefined): string {
  const named = (list: [RegExp, string][]) => list.find(([form]) => form.test(userAgent ?? ''))?.[1];
  const browser = named(browsers);
  const system = named(systems);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? 'Unknown device';
}

/** The network of an address, without the part that tells one machine from another. */
export function coarseAddress(address: string): string {
  const network = networkOf(address);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(network)) return `${network.slice(0, network.lastIndexOf('.'))}.x`;
  return isIPv6(address) ? `${network}::` : network;
}

const placeOf = (id: string) => ({ table: 'identity.session', column: 'label', rowId: id });

/** What a session is compared by when it goes on: the device and the network, as a MAC. */
export function seenMac(parts: SecurityParts, caller: Caller): Buffer {
  return parts.signInMac('session', JSON.stringify([deviceOf(caller.device), coarseAddress(caller.address)]));
}

/** Seals where a session is used and stores it, after the answer. */
export function labelLater(parts: SecurityParts, caller: Caller, session: LiveSession): void {
  const label: SessionLabel = { device: deviceOf(caller.device), network: coarseAddress(caller.address) };
  parts.inBackground('the label of a session', async () => {
    const scope = { tenantId: session.tenant.id, class: 'session', subjectId: session.person.id } as const;
    const sealed = await keyring().seal(scope, placeOf(session.id), JSON.stringify(label));
    await parts.db.system((tx) => labelSession(tx, session.id, seenMac(parts, caller), sealed));
  });
}

/** Opens what {@link labelLater} sealed. */
export async function readLabel(of: {
  tenantId: string;
  personId: string;
  sessionId: string;
  label: Buffer | null;
}): Promise<SessionLabel | null> {
  if (!of.label) return null;
  const scope = { tenantId: of.tenantId, class: 'session', subjectId: of.personId } as const;
  try {
    return JSON.parse(await keyring().open(scope, placeOf(of.sessionId), of.label)) as SessionLabel;
  } catch (error) {
    if (error instanceof KeyErasedError) return null;
    throw error;
  }
}

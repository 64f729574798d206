import { type Detection, oneIncidentMs } from './detector.ts';

/** What belongs together: findings about the same people, keys or networks within two days are one incident. */
export interface OpenIncident {
  id: string;
  /** The rule that found it first, and whom it was about above all. */
  ruleId: string;
  first: string;
  about: readonly string[];
  lastMs: number;
}

/** Whether what both name makes them one: two people who merely had to do with the same third are two incidents. */
function isShared(incident: OpenIncident, about: readonly string[]): boolean {
  const isMain = (one: string) => !one.startsWith('person:') || one === incident.first || one === about[0];
  return incident.about.some((one) => about.includes(one) && isMain(one));
}

/** The incident that a detection goes on with, of those that are still open; the latest where there are several. */
export function incidentOf<Incident extends OpenIncident>(
  open: Iterable<Incident>,
  { rule, about, event }: Pick<Detection, 'rule' | 'about' | 'event'>,
): Incident | undefined {
  let found: Incident | undefined;
  for (const incident of open) {
    // What one rule sees over weeks stays one incident for as long.
    const same = incident.ruleId === rule.id && incident.first === about[0];
    if (event.atMs - incident.lastMs > (same ? Math.max(rule.windowMs, oneIncidentMs) : oneIncidentMs)) continue;
    if (!isShared(incident, about)) continue;
    if (!found || incident.lastMs > found.lastMs) found = incident;
  }
  return found;
}

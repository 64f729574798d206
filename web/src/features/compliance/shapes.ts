/** The frameworks that auditors bring. */
export type Framework = 'SOX' | 'GDPR' | 'PCI_DSS' | 'ASVS';

/** How a control stands. */
export type Standing = 'holds' | 'fails' | 'unproved' | 'stale' | 'never';

/** How a framework stands. */
export interface FrameworkStanding {
  framework: Framework;
  name: string;
  scope: string;
  controls: Record<Standing, number>;
  open: number;
  overdue: number;
}

/** One look at a control. */
export interface Evidence {
  id: string;
  controlCode: string;
  at: string;
  outcome: 'holds' | 'fails' | 'unproved';
  measured: string;
  exceptions: string[];
  collectedBy: string;
}

/** A control with its last evidence. */
export interface Control {
  code: string;
  frameworks: Framework[];
  title: string;
  statement: string;
  ownerRole: string;
  severity: 'high' | 'medium' | 'low';
  everyDays: number;
  shownBy: 'query' | 'tests';
  standing: Standing;
  evidence: Evidence | null;
}

/** Something to be mended. */
export interface Finding {
  id: string;
  framework: Framework;
  controlCode: string | null;
  title: string;
  detail: string;
  severity: 'high' | 'medium' | 'low';
  ownerId: string | null;
  dueOn: string;
  openedAt: string;
  openedBy: string;
  closedAt: string | null;
  closedBy: string | null;
  resolution: string | null;
  version: number;
}

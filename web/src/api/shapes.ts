/** Money in JSON: an exact decimal string and an ISO 4217 currency. */
export interface Money {
  amount: string;
  currency: string;
}

/** Who is signed in. */
export interface User {
  id: string;
  tenantId: string;
  name?: string;
  email?: string;
  roles: string[];
  permissions: string[];
  /** The nodes of the trees that they are kept to; null: a side is not narrowed. */
  scope?: { customers: string[] | null; products: string[] | null };
  approvalLimit?: Money | null;
  tenant?: { slug: string; timeZone: string; currency: string };
  /** What must be done before anything else. */
  demand?: 'proof' | 'second_factor' | null;
  /** Until when somebody has emergency access to the tenant. */
  emergencyUntil?: string | null;
}

export interface SignedIn {
  accessToken: string;
  expiresInS: number;
  user: User;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface Customer {
  id: string;
  code: string;
  name: string;
  parentId: string | null;
  type?: string | null;
  channel?: string | null;
  currency?: string | null;
  version: number;
}

export interface Product {
  id: string;
  code: string;
  name: string;
  parentId: string | null;
  level?: string | null;
  own?: boolean;
  unitsPerCase?: string | null;
  version: number;
}

export interface FiscalWeek {
  startsOn: string;
  endsOn: string;
  fiscalYear: number;
  period: number;
  week: number;
}

export interface Fund {
  id: string;
  code: string;
  name: string;
  kind: string;
  currency: string;
  customerId: string | null;
  productId: string | null;
  validFrom: string;
  validTo: string;
  /** Of a prior-period fund: the weeks whose shipments fill it. */
  sourceFrom: string | null;
  sourceTo: string | null;
  /** Of a rolling fund: how many past fiscal periods fill it. */
  windowPeriods: number | null;
  budgeted: Money;
  available: Money;
  /** `overdrawn`, `nearly_spent`, `expiring`. */
  alarms: string[];
  version: number;
}

export type FigureValue = Money | string | null;

/** A figure that explains itself. */
export interface Figure {
  value: FigureValue;
  low?: FigureValue;
  high?: FigureValue;
  unit: 'money' | 'ratio' | 'points' | 'units';
  per?: string;
  formula: string;
  formulaVersion: string | number;
  /** `figure`: the address of the figure that the input is. */
  inputs: { name: string; value: FigureValue; source: string; figure?: string }[];
  notEstimated?: string[];
  /** The path of the API that lists the rows behind it. */
  rows?: string;
  /** The field of the rows whose sum it is. */
  sumOf?: string;
}

export interface Task {
  id: string;
  instanceId: string;
  definition: string;
  step: string;
  subjectType: string;
  subjectId: string;
  state: 'open' | 'claimed' | 'completed' | 'cancelled';
  dueAt: string | null;
  /** Since when its clock stands. */
  pausedAt?: string | null;
  createdAt: string;
  assigneeId: string | null;
  /** For whom the person has it: who passed it on, or is away. */
  onBehalfOf: string | null;
  /** The last day of the absence for which they stand in. */
  onBehalfUntil: string | null;
  title: string;
  outcome?: string | null;
  /** Why it was opened and who may take it. */
  routing: {
    candidates?: { permission?: string };
    /** The rows of decisions that name the step; version 0 is the one that ships. */
    because?: { decision: string; version: number; row: number; rowId: string; why?: string; message?: string }[];
    variables?: Record<string, unknown>;
  };
  summary: {
    customerName?: string;
    spend?: Money | null;
    netProfit?: Money | null;
    netRoi?: string | null;
    conflicts?: number;
    fundAvailable?: Money | null;
    makerName?: string;
    /** Of an amendment: the promotion that it amends. */
    promotionId?: string;
    /** Of a transfer between funds. */
    amount?: Money;
    fundId?: string;
    fromFund?: string;
    toFundId?: string;
    toFund?: string;
    note?: string;
  };
  version: number;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  roles: string[];
  permissions: string[];
  approvalLimit: Money | null;
  disabled: boolean;
  version: number;
}

/** A colleague's name, for choosing one. */
export interface PersonName {
  id: string;
  name: string;
  roles: string[];
}

/** A role of the tenant. */
export interface Role {
  code: string;
  name: string;
  permissions: string[];
  predefined: boolean;
}

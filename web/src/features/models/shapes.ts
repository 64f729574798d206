/** A fitted model with its scores. */
export interface ModelVersion {
  id: string;
  kind: string;
  number: number;
  status: string;
  salesRows: number | null;
  metrics: {
    accuracy?: Record<string, { wape: number; bias: number; rows: number }>;
    medianLift?: Record<string, { multiple: number; rows: number }>;
    elasticity?: { median: number; products: number };
  } | null;
  trainedFrom: string | null;
  trainedThrough: string | null;
  requestedAt: string;
  fittedAt: string | null;
  supersededAt: string | null;
  reason: string | null;
}

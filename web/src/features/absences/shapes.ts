import type { Money } from '../../api/shapes.ts';
import type { Scope } from '../people/shapes.ts';

/** Somebody is away, or has handed over a part of what they decide. */
export interface Absence {
  id: string;
  personId: string;
  /** Null: nobody stands in. */
  substituteId: string | null;
  startsOn: string;
  endsOn: string;
  /** A part is handed over; they are not away. */
  partial: boolean;
  scope: Scope | null;
  state: 'coming' | 'running' | 'over';
  version: number;
}

/** A step that known absences leave to nobody, or to people who may decide less. */
export interface Gap {
  definition: string;
  step: string;
  title: string;
  taskId: string | null;
  instanceId: string | null;
  /** The first and the last day of it; null: it reaches beyond what was looked at. */
  startsOn: string;
  endsOn: string | null;
  away: string[];
  /** The most that who is left may decide; null: nobody is left. */
  upTo: Money | null;
}

/** A saved absence with what it would leave to nobody. */
export interface SavedAbsence extends Absence {
  gaps: Gap[];
}

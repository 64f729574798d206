import {
  type EventMeasurement,
  type MeasuredScope,
  type MeasurementRefused,
  measureEvent,
  prepareMeasurement,
} from './domain/event-measurement.ts';
import type { SalesPanel } from './domain/sales-panel.ts';

/** Events to measure on one panel, and the others that were on its shelves. */
export interface MeasureScopesInput {
  panel: SalesPanel;
  scopes: readonly MeasuredScope[];
  otherEvents: readonly MeasuredScope[];
}

/** Measures events on one panel, in the order of `scopes`: what they have in common is prepared once. */
export function measureScopes({
  panel,
  scopes,
  otherEvents,
}: MeasureScopesInput): (EventMeasurement | MeasurementRefused)[] {
  const model = prepareMeasurement({ panel, events: [...scopes, ...otherEvents] });
  return scopes.map((event) => measureEvent({ panel, event, otherEvents, model }));
}

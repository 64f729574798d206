import { queryString } from '../../api/request.ts';
import { Opening } from '../../ui/values.tsx';
import { columnNames, differenceText, isBad, lineNames, valueText } from './lines.ts';
import type { PlanColumn, PlanLine, PlanValue } from './shapes.ts';

/** Which figure of which snapshot; no period: the year. */
export interface FigurePlace {
  planId: string;
  snapshot: number;
  line: PlanLine;
  column: PlanColumn;
  period?: number | undefined;
  /** A row of a breakdown; none: the whole plan. */
  row?: { by: 'account' | 'product' | 'promotion'; id: string; name: string } | undefined;
}

/** Where the figure is answered. */
function addressOf({ planId, row, ...which }: FigurePlace): string {
  return `/api/v1/account-plans/${planId}/figure${queryString({ ...which, by: row?.by, of: row?.id })}`;
}

/** A figure of a plan that opens: its formula, inputs and versions are asked for when somebody looks. */
export function PlanFigure({ place, value, text: said }: { place: FigurePlace; value: PlanValue; text?: string }) {
  if (value === null) return <span className="t-faint">–</span>;
  const of = place.row ? `, ${place.row.name}` : '';
  const label = `${lineNames[place.line]}, ${columnNames[place.column].toLowerCase()}${of}`;
  const text = said ?? (place.column === 'gap' ? differenceText(place.line, value) : valueText(place.line, value));
  const bad = place.column === 'gap' && isBad(place.line, value);
  const negative = text.startsWith('\u2212');
  return (
    <Opening
      source={{ address: addressOf(place) }}
      label={label}
      negative={bad || (place.column !== 'gap' && negative)}
    >
      {text}
    </Opening>
  );
}

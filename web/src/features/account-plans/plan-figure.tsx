import { Popover, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Refusal, RowsLoading } from '../../ui/screen.tsx';
import { FigureSheet } from '../../ui/values.tsx';
import { columnNames, differenceText, isBad, lineNames, valueText } from './lines.ts';
import { planFigureQuery } from './queries.ts';
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

function Sheet({ place, label }: { place: FigurePlace; label: string }) {
  const { planId, row, ...which } = place;
  const figure = useQuery(planFigureQuery(planId, { ...which, by: row?.by, of: row?.id }));
  if (figure.error) return <Refusal error={figure.error} retry={() => void figure.refetch()} />;
  if (!figure.data) return <RowsLoading rows={3} />;
  return <FigureSheet figure={figure.data} label={label} />;
}

/** A figure of a plan that opens: its formula, inputs and versions are asked for when somebody looks. */
export function PlanFigure({ place, value }: { place: FigurePlace; value: PlanValue }) {
  const [opened, setOpened] = useState(false);
  if (value === null) return <span className="t-faint">–</span>;
  const of = place.row ? `, ${place.row.name}` : '';
  const label = `${lineNames[place.line]}, ${columnNames[place.column].toLowerCase()}${of}`;
  const text = place.column === 'gap' ? differenceText(place.line, value) : valueText(place.line, value);
  const bad = place.column === 'gap' && isBad(place.line, value);
  const negative = text.startsWith('\u2212');
  return (
    <Popover
      width={400}
      position="bottom-end"
      shadow="md"
      withArrow
      trapFocus
      returnFocus
      opened={opened}
      onChange={setOpened}
    >
      <Popover.Target>
        <UnstyledButton
          className={bad || (place.column !== 'gap' && negative) ? 'num figure neg' : 'num figure'}
          aria-label={`${label}: explain`}
          onClick={(event) => {
            event.stopPropagation();
            setOpened(!opened);
          }}
        >
          {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm" onClick={(event) => event.stopPropagation()}>
        {opened && <Sheet place={place} label={label} />}
      </Popover.Dropdown>
    </Popover>
  );
}

import { Popover, UnstyledButton } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Figure, FigureValue, Money } from '../api/shapes.ts';
import type { FigureRow } from './figure-cells.ts';
import { FigureSheet, type FigureSource } from './figure-sheet.tsx';
import { amountText, figureText, isNegative, ratioText, volumeText } from './format.ts';

/** An amount in tabular figures; below zero it is red and carries a minus sign. */
export function MoneyValue({
  value,
  whole,
  currency = true,
}: {
  value: Money | null | undefined;
  whole?: boolean;
  currency?: boolean;
}) {
  if (!value) return <span className="t-faint">–</span>;
  return (
    <span className={isNegative(value) ? 'num neg' : 'num'}>
      {amountText(value, whole)}
      {currency && <span className="unit"> {value.currency}</span>}
    </span>
  );
}

/** A figure's interval: "12 … 34". */
export function Interval({
  low,
  high,
  unit,
}: {
  low?: FigureValue | undefined;
  high?: FigureValue | undefined;
  unit?: Figure['unit'];
}) {
  if (low === null || low === undefined || high === null || high === undefined) return null;
  if (JSON.stringify(low) === JSON.stringify(high)) return null;
  const bare = (value: FigureValue) => {
    if (value === null) return '–';
    if (typeof value === 'object') return amountText(value, true);
    return unit === 'ratio' ? ratioText(value) : volumeText(value);
  };
  return (
    <span className="interval">
      {bare(low)} … {bare(high)}
    </span>
  );
}

/** A number that opens: press it, and `source` is explained. A row that it stands in does not notice. */
export function Opening({
  source,
  label,
  negative,
  children,
}: {
  source: FigureSource;
  label: string;
  negative?: boolean;
  children: ReactNode;
}) {
  const [opened, setOpened] = useState(false);
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
          className={negative ? 'num figure neg' : 'num figure'}
          aria-label={`${label}: explain`}
          data-of={'cell' in source ? source.cell : undefined}
          onClick={(event) => {
            event.stopPropagation();
            setOpened(!opened);
          }}
        >
          {children}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm" onClick={(event) => event.stopPropagation()}>
        {opened && <FigureSheet source={source} label={label} />}
      </Popover.Dropdown>
    </Popover>
  );
}

/** A figure in hand that opens. */
export function FigureValueButton({
  figure,
  label,
  children,
  currency = true,
}: {
  figure: Figure | undefined;
  label: string;
  children?: ReactNode;
  currency?: boolean;
}) {
  if (!figure) return <span className="t-faint">–</span>;
  const { value, unit, per } = figure;
  return (
    <Opening source={{ figure }} label={label} negative={isNegative(value)}>
      {children ?? (
        <>
          <Shown value={value} unit={unit} digits={2} currency={currency} />
          {value !== null && per && <span className="unit"> per {per}</span>}
        </>
      )}
    </Opening>
  );
}

/**
 * A number of a list that opens by the formula of its column: `of` names it as the modules declare it, `<list>.<column>`,
 * and `row` is the row as the API answered it. Nothing but a dash where there is no value.
 */
export function CellValue({
  of,
  row,
  value,
  label,
  unit = 'units',
  digits,
  currency = true,
  whole = false,
  children,
}: {
  of: string;
  row: FigureRow;
  value: FigureValue | undefined;
  label: string;
  unit?: Figure['unit'];
  digits?: number;
  currency?: boolean;
  whole?: boolean;
  children?: ReactNode;
}) {
  if (value === null || value === undefined) return <span className="t-faint">–</span>;
  return (
    <Opening source={{ cell: of, row, value }} label={label} negative={isNegative(value)}>
      {children ?? (
        <Shown
          value={value}
          unit={unit}
          currency={currency}
          whole={whole}
          {...(digits === undefined ? {} : { digits })}
        />
      )}
    </Opening>
  );
}

function Shown({
  value,
  unit,
  digits,
  currency,
  whole,
}: {
  value: FigureValue;
  unit: Figure['unit'];
  digits?: number;
  currency: boolean;
  whole?: boolean;
}) {
  if (value === null) return <>–</>;
  if (typeof value === 'object') {
    return (
      <>
        {amountText(value, whole)}
        {currency && <span className="unit"> {value.currency}</span>}
      </>
    );
  }
  if (unit === 'ratio') return <>{ratioText(value, digits)}</>;
  return <>{unit === 'units' && digits === undefined ? volumeText(value) : figureText(value, unit)}</>;
}

import { Popover, Table, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Figure, FigureValue, Money } from '../api/shapes.ts';
import { FigureRows } from './figure-rows.tsx';
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

/** A ratio as a percentage. */
export function RatioValue({ value, digits }: { value: string | null | undefined; digits?: number }) {
  if (value === null || value === undefined) return <span className="t-faint">–</span>;
  return <span className={isNegative(value) ? 'num neg' : 'num'}>{ratioText(value, digits)}</span>;
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

/** What stands behind a figure: formula, version, inputs and interval. */
export function FigureSheet({ figure, label }: { figure: Figure; label: string }) {
  return (
    <div className="figure-sheet">
      <Text fw={600} fz="sm">
        {label} <span className="num">{figureText(figure.value, figure.unit)}</span>
      </Text>
      {figure.low !== undefined && figure.low !== null && (
        <Text fz="xs" c="dimmed">
          90 % interval {figureText(figure.low, figure.unit)} … {figureText(figure.high, figure.unit)}
        </Text>
      )}
      <code className="formula">{figure.formula}</code>
      <Table fz="xs" verticalSpacing={3} horizontalSpacing={6}>
        <Table.Tbody>
          {figure.inputs.map((input, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two agreements may have a line of one name
            <Table.Tr key={`${input.name} ${at}`}>
              <Table.Td>{input.name}</Table.Td>
              <Table.Td ta="right" className="num">
                {figureText(input.value)}
              </Table.Td>
              <Table.Td c="dimmed">{input.source}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {figure.notEstimated && figure.notEstimated.length > 0 && (
        <Text fz="xs" c="dimmed">
          Not estimated, and not counted as zero: {figure.notEstimated.join(', ')}.
        </Text>
      )}
      {figure.rows && <FigureRows path={figure.rows} />}
      <Text fz="xs" c="dimmed">
        Formula version {figure.formulaVersion}
      </Text>
    </div>
  );
}

/** A figure that opens: press it to see formula, inputs, versions and interval. */
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
  return (
    <Popover width={380} position="bottom-end" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={isNegative(figure.value) ? 'num figure neg' : 'num figure'}
          aria-label={`${label}: explain`}
        >
          {children ?? <FigureInline figure={figure} currency={currency} />}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <FigureSheet figure={figure} label={label} />
      </Popover.Dropdown>
    </Popover>
  );
}

function FigureInline({ figure, currency }: { figure: Figure; currency: boolean }) {
  const { value, unit } = figure;
  if (value === null) return <>–</>;
  if (typeof value === 'object') {
    return (
      <>
        {amountText(value)}
        {currency && <span className="unit"> {value.currency}</span>}
      </>
    );
  }
  return (
    <>
      {unit === 'ratio' ? ratioText(value, 2) : figureText(value, unit)}
      {figure.per && <span className="unit"> per {figure.per}</span>}
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { Figure, FigureValue } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, volumeText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { figureCell } from '../../ui/sheet-rows.ts';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';
import { attainmentQuery } from './queries.ts';
import type { Agreement, Attainment, LineAttainment, Tier } from './shapes.ts';
import { kindWords, rateText } from './words.ts';

/** Decimal strings become numbers for the width of a bar only. */
const sizeOf = (value: FigureValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(typeof value === 'string' ? value : value.amount);

function Bar({ attainment, currency }: { attainment: LineAttainment; currency: string }) {
  const { thresholds, figures, line } = attainment;
  const volume = sizeOf(figures.volume.value) ?? 0;
  const expected = sizeOf(figures.expectedVolume.value);
  const low = sizeOf(figures.expectedVolume.low);
  const high = sizeOf(figures.expectedVolume.high);
  const marks = (thresholds ?? []).map(({ from, rate }) => ({ at: Number(from), rate }));
  const end = 1.06 * Math.max(volume, expected ?? 0, high ?? 0, ...marks.map(({ at }) => at), 1);
  const share = (value: number) => `${(100 * value) / end}%`;
  const unit = line.tiers?.measure === 'money' ? currency : 'cases';
  const label = [
    `${volumeText(String(volume), 0)} ${unit} so far`,
    expected === null ? 'not estimated to the year’s end' : `${volumeText(String(expected), 0)} expected`,
    ...marks.map(({ at, rate }) => `${rateText(rate, line.basis, currency)} from ${volumeText(String(at), 0)}`),
  ].join('; ');
  return (
    <div className="tier-bar" role="img" aria-label={label}>
      {expected !== null && <span className="tier-expected" style={{ width: share(expected) }} />}
      {low !== null && high !== null && (
        <span className="tier-band" style={{ left: share(low), width: share(Math.max(0, high - low)) }} />
      )}
      <span className="tier-reached" style={{ width: share(volume) }} />
      {marks.map(({ at }, i) => (
        <span key={at} className="tier-mark" style={{ left: share(at) }}>
          <i className="tier-line" />
          <small className="num">{i + 1}</small>
        </span>
      ))}
    </div>
  );
}

/** What of a tier: where it begins, what it pays, and how far the year is from it. */
function Tiers({ attainment, currency }: { attainment: LineAttainment; currency: string }) {
  const { line, thresholds, attained, expected, low, high } = attainment;
  const reaches = (tier: LineAttainment['attained'], step: Tier) =>
    tier !== null && Number(tier.from) >= Number(step.from);
  const stateOf = (step: Tier) => {
    if (reaches(attained, step)) return <span className="pos">✓ reached</span>;
    if (reaches(low, step)) return 'expected, also at the low end';
    if (reaches(expected, step)) return 'expected';
    return reaches(high, step) ? 'possible' : <span className="t-faint">not expected</span>;
  };
  const unit = line.tiers?.measure === 'money' ? currency : 'cases';
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Tier</th>
          <th className="right">From, {unit}</th>
          {line.kind === 'growth' && <th className="right">Over last year</th>}
          <th className="right">Rate</th>
          <th>This year</th>
        </tr>
      </thead>
      <tbody>
        {(thresholds ?? []).map((step, i) => (
          <tr key={step.from}>
            <td>{i + 1}</td>
            <td className="right">
              <CellValue
                of={line.kind === 'growth' ? 'terms.growthThreshold' : 'terms.threshold'}
                row={{ growth: line.tiers?.steps[i]?.from, line: line.code }}
                value={step.from}
                label={`Tier ${i + 1} from`}
              >
                {volumeText(step.from, 0)}
              </CellValue>
            </td>
            {line.kind === 'growth' && (
              <td className="right num" data-plain="as it was agreed: the agreement tells by whom and when">
                {volumeText(line.tiers?.steps[i]?.from, 6)} %
              </td>
            )}
            <td className="right num" data-plain="as it was agreed: the agreement tells by whom and when">
              {rateText(step.rate, line.basis, currency)}
            </td>
            <td>{stateOf(step)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Told({ label, figure, missing }: { label: string; figure: Figure; missing: string }) {
  const volume = figure.unit === 'units' && typeof figure.value === 'string' ? figure.value : null;
  return (
    <div className="kpi">
      <span className="label">{label}</span>
      <span className="value" style={{ fontSize: 15 }}>
        {figure.value === null ? (
          <span className="t-faint">{missing}</span>
        ) : (
          <FigureValueButton figure={figure} label={label}>
            {volume === null ? undefined : (
              <>
                {volumeText(volume, 0)}
                <span className="unit"> cases</span>
              </>
            )}
          </FigureValueButton>
        )}
      </span>
      <Interval low={figure.low} high={figure.high} unit={figure.unit} />
    </div>
  );
}

const none = 'not estimated';

function Line({ attainment, currency }: { attainment: LineAttainment; currency: string }) {
  const { line, attained, expected, figures, thresholds } = attainment;
  const rate = (tier: LineAttainment['attained']) =>
    tier ? rateText(tier.rate, line.basis, currency) : 'below the first tier';
  return (
    <Panel
      title={
        <>
          {line.code} <span className="t-dim">{kindWords[line.kind]}</span>
        </>
      }
      aside={
        <span className="t-sm">
          <span className="t-dim">reached </span>
          {rate(attained)}
          <span className="t-dim"> · expected </span>
          {figures.expectedRebate.value === null ? none : rate(expected)}
        </span>
      }
    >
      <div className="panel-body">
        {thresholds ? (
          <Bar attainment={attainment} currency={currency} />
        ) : (
          <Empty title="Not estimated">There is no volume of last year to grow over.</Empty>
        )}
      </div>
      {thresholds && <Tiers attainment={attainment} currency={currency} />}
      <div className="kpis" style={{ borderWidth: '1px 0 0', borderRadius: 0 }}>
        <Told label="So far" figure={figures.volume} missing={none} />
        <Told label="Expected year" figure={figures.expectedVolume} missing={none} />
        <Told label="To the next tier" figure={figures.missing} missing={thresholds ? 'top tier reached' : none} />
        <Told label="Rebate so far" figure={figures.rebate} missing={none} />
        <Told label="Expected rebate" figure={figures.expectedRebate} missing={none} />
        <Told label="Accrued so far" figure={figures.accrued} missing={none} />
      </div>
    </Panel>
  );
}

/** The tiered lines with their figures. */
function exported({ fiscalYear, lines }: Attainment) {
  return {
    head: [
      ...['fiscal_year', 'line_code', 'kind', 'volume', 'expected_volume', 'expected_low', 'expected_high'],
      ...['to_next_tier', 'rebate', 'expected_rebate', 'accrued'],
    ],
    rows: lines.map(({ line, figures: { volume, expectedVolume, missing, rebate, expectedRebate, accrued } }) => [
      ...[fiscalYear, line.code, line.kind, figureCell(volume), figureCell(expectedVolume)],
      figureCell({ value: expectedVolume.low ?? null, unit: expectedVolume.unit }),
      figureCell({ value: expectedVolume.high ?? null, unit: expectedVolume.unit }),
      ...[figureCell(missing), figureCell(rebate), figureCell(expectedRebate), figureCell(accrued)],
    ]),
  };
}

/** Where the tiers of an agreement stand in a fiscal year, and where they will. */
export function AttainmentView({ agreement, fiscalYear }: { agreement: Agreement; fiscalYear: number }) {
  const tiered = agreement.current?.lines.some(({ tiers }) => tiers) ?? false;
  const attainment = useQuery({ ...attainmentQuery(agreement.id, fiscalYear), enabled: tiered });
  if (!tiered) return <Empty title="No tiers">Growth and volume rebates show here how far they have come.</Empty>;
  if (attainment.error) return <Refusal error={attainment.error} retry={() => void attainment.refetch()} />;
  if (!attainment.data) return <RowsLoading rows={5} />;
  const { through, method, lines, currency } = attainment.data;
  const within = lines.some(({ figures }) => figures.expectedVolume.low);
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row spread t-dim t-sm">
        <span>
          {through ? `Shipments through ${dateText(through)}.` : 'Nothing is shipped in this year yet.'}{' '}
          {method
            ? `The rest of the year: ${method}${within ? '; 90 % interval' : ''}.`
            : 'Too few weeks for an estimate of the year.'}
        </span>
        <ExportButton
          name={`tiers of ${agreement.code}`}
          disabled={lines.length === 0}
          table={() => exported(attainment.data)}
        />
      </div>
      {lines.length === 0 && (
        <Empty title="Nothing in this year">The agreement does not hold in fiscal year {fiscalYear}.</Empty>
      )}
      {lines.map((line) => (
        <Line key={line.line.code} attainment={line} currency={currency} />
      ))}
    </div>
  );
}

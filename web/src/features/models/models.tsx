import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, dateText, instantText, volumeText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { modelsQuery } from './queries.ts';
import type { ModelVersion } from './shapes.ts';

const methodWords: Record<string, string> = {
  model: 'This model',
  lastValue: 'Naive: last week',
  meanOf8Weeks: 'Naive: mean of 8 weeks',
  sameWeekLastYear: 'Naive: same week last year',
};
const liftWords: Record<string, string> = {
  featureDisplay: 'Feature and display',
  feature: 'Feature',
  display: 'Display',
  priceReduction: 'Price reduction',
};

function Metrics({ model, metrics }: { model: ModelVersion; metrics: NonNullable<ModelVersion['metrics']> }) {
  return (
    <div className="two">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Method, on weeks it had not seen</th>
            <th className="right" title="Weighted absolute percentage error: Σ|error| / Σ actual">
              WAPE
            </th>
            <th className="right">Bias</th>
            <th className="right">Rows</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(metrics.accuracy ?? {}).map(([method, score]) => (
            <tr key={method} className={method === 'model' ? 'strong' : undefined}>
              <td>{methodWords[method] ?? method}</td>
              <td className="right">
                <CellValue
                  of="models.wape"
                  row={{ ...model, ...score, method }}
                  value={String(score.wape)}
                  label={`WAPE, ${methodWords[method] ?? method}`}
                  unit="ratio"
                />
              </td>
              <td className="right">
                <CellValue
                  of="models.bias"
                  row={{ ...model, ...score, method }}
                  value={String(score.bias)}
                  label={`Bias, ${methodWords[method] ?? method}`}
                  unit="ratio"
                />
              </td>
              <td className="right num">{countText(score.rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="grid tight">
        <thead>
          <tr>
            <th>Median lift of</th>
            <th className="right">Multiple</th>
            <th className="right">Rows</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(liftWords).map(([flag, label]) => {
            const lift = metrics.medianLift?.[flag];
            return (
              <tr key={flag}>
                <td>{label}</td>
                <td className="right">
                  <CellValue
                    of="models.lift"
                    row={{ ...model, ...lift }}
                    value={lift && String(lift.multiple)}
                    label={`Median lift, ${label}`}
                  >
                    ×{volumeText(lift && String(lift.multiple), 2)}
                  </CellValue>
                </td>
                <td className="right num">{lift ? countText(lift.rows) : '–'}</td>
              </tr>
            );
          })}
          {metrics.elasticity && (
            <tr>
              <td>Median price elasticity</td>
              <td className="right">
                <CellValue
                  of="models.elasticity"
                  row={{ ...model, ...metrics.elasticity }}
                  value={String(metrics.elasticity.median)}
                  label="Median price elasticity"
                >
                  {volumeText(String(metrics.elasticity.median), 2)}
                </CellValue>
              </td>
              <td className="right num">{countText(metrics.elasticity.products)} products</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function Model({ model }: { model: ModelVersion }) {
  return (
    <Panel
      className="scrolls"
      title={`${wordsOf(model.kind.replaceAll('-', '_'))} version ${model.number}`}
      aside={
        <span className="row">
          {model.fittedAt && <span className="t-dim t-sm num">fitted {instantText(model.fittedAt)}</span>}
          {model.trainedThrough && (
            <span className="t-dim t-sm num">on sales up to {dateText(model.trainedThrough)}</span>
          )}
          <StateBadge state={model.status} />
        </span>
      }
    >
      {model.status === 'fitting' && (
        <div className="notice">
          Fitting now, since {instantText(model.requestedAt)}
          {model.salesRows ? `, on ${countText(model.salesRows)} sales rows` : ''}. Plans use the version before until
          it is done.
        </div>
      )}
      {model.reason && <div className="notice neg">{model.reason}</div>}
      {model.metrics && <Metrics model={model} metrics={model.metrics} />}
    </Panel>
  );
}

/** Every score of every version: of methods their error and bias, of lifts their multiple. */
function exported(models: readonly ModelVersion[]) {
  const ratio = (value: number) => ({ ratio: String(value) });
  return {
    head: ['model', 'version', 'status', 'fitted_at', 'sales_through', 'measure', 'value', 'bias', 'rows'],
    rows: models.flatMap(({ kind, number, status, fittedAt, trainedThrough, metrics }) => {
      const of = [kind, number, status, fittedAt, trainedThrough];
      const scores = Object.entries(metrics?.accuracy ?? {}).map(([method, { wape, bias, rows }]) => [
        ...[...of, `WAPE, ${methodWords[method] ?? method}`, ratio(wape), ratio(bias), rows],
      ]);
      const lifts = Object.entries(metrics?.medianLift ?? {}).map(([flag, { multiple, rows }]) => [
        ...[...of, `Median lift multiple, ${liftWords[flag] ?? flag}`, { decimal: String(multiple) }, null, rows],
      ]);
      const elasticity = metrics?.elasticity;
      const median = elasticity && [
        ...[...of, 'Median price elasticity', { decimal: String(elasticity.median) }, null, elasticity.products],
      ];
      const all = [...scores, ...lifts, ...(median ? [median] : [])];
      return all.length > 0 ? all : [of];
    }),
  };
}

/** The models with their scores, the naive method's beside them, and retraining. */
export function Models() {
  const models = useQuery(modelsQuery);
  const client = useQueryClient();
  const may = useMay();
  const train = useMutation({
    mutationFn: () => request('/ml/models/promotion-response/train', { method: 'POST' }),
    onSuccess: () => {
      sayDone('Fitting has started', 'The new version appears when it is done.');
      void client.invalidateQueries({ queryKey: ['models'] });
    },
    onError: sayRefused,
  });
  const items = models.data?.items ?? [];
  const actions = (
    <>
      <ExportButton name="models" disabled={items.length === 0} table={() => exported(items)} />
      {may('ml:train') && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={train.isPending}
          onClick={() => train.mutate()}
        >
          Fit again
        </Button>
      )}
    </>
  );
  return (
    <Screen title="Models" actions={actions}>
      {models.error && !models.data && <Refusal error={models.error} retry={() => void models.refetch()} />}
      {models.isPending && <RowsLoading rows={6} />}
      {models.data && items.length === 0 && (
        <Empty title="No model yet">Import sales of at least a year; fitting starts by itself.</Empty>
      )}
      <div className="stack" style={{ gap: 12, maxWidth: 1100 }}>
        {items.map((model) => (
          <Model key={model.id} model={model} />
        ))}
      </div>
    </Screen>
  );
}

import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { modelsQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { ModelVersion } from '../../api/shapes.ts';
import { countText, dateText, instantText, ratioText, volumeText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';

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

function Metrics({ metrics }: { metrics: NonNullable<ModelVersion['metrics']> }) {
  const ratio = (value: number) => ratioText(String(value));
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
              <td className="right num">{ratio(score.wape)}</td>
              <td className="right num">{ratio(score.bias)}</td>
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
                <td className="right num">{lift ? `×${volumeText(String(lift.multiple), 2)}` : '–'}</td>
                <td className="right num">{lift ? countText(lift.rows) : '–'}</td>
              </tr>
            );
          })}
          {metrics.elasticity && (
            <tr>
              <td>Median price elasticity</td>
              <td className="right num">{volumeText(String(metrics.elasticity.median), 2)}</td>
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
      {model.metrics && <Metrics metrics={model.metrics} />}
    </Panel>
  );
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
  const actions = may('ml:train') && (
    <Button
      variant="default"
      leftSection={<IconRefresh size={14} />}
      loading={train.isPending}
      onClick={() => train.mutate()}
    >
      Fit again
    </Button>
  );
  return (
    <Screen title="Models" actions={actions}>
      {models.error && !models.data && <Refusal error={models.error} retry={() => void models.refetch()} />}
      {models.isPending && <RowsLoading rows={6} />}
      {models.data && models.data.items.length === 0 && (
        <Empty title="No model yet">Import sales of at least a year; fitting starts by itself.</Empty>
      )}
      <div className="stack" style={{ gap: 12, maxWidth: 1100 }}>
        {models.data?.items.map((model) => (
          <Model key={model.id} model={model} />
        ))}
      </div>
    </Screen>
  );
}

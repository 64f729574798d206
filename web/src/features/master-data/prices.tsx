import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import type { Product } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, dayOf, instantText, today } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { pricesQuery } from './queries.ts';
import type { Price } from './shapes.ts';

function NewPrice({ product, currency }: { product: Product; currency: string }) {
  const client = useQueryClient();
  const [list, setList] = useState('');
  const [cost, setCost] = useState('');
  const [from, setFrom] = useState(today());
  const record = useMutation({
    mutationFn: () =>
      request<Price>('/prices', {
        method: 'POST',
        body: {
          productId: product.id,
          listPrice: { amount: list.trim(), currency },
          cost: { amount: cost.trim(), currency },
          validFrom: from,
        },
      }),
    onSuccess: async () => {
      setList('');
      setCost('');
      await Promise.all(['prices', 'products'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      sayDone('Price recorded', 'Earlier prices stay, and plans keep the one they were approved with.');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    record.mutate();
  };
  return (
    <form onSubmit={submit} className="panel-body stack">
      <div className="row" style={{ gap: 8, alignItems: 'flex-end' }}>
        <TextInput
          label={`List price per case, ${currency}`}
          inputMode="decimal"
          value={list}
          onChange={(event) => setList(event.currentTarget.value)}
          required
        />
        <TextInput
          label={`Cost per case, ${currency}`}
          inputMode="decimal"
          value={cost}
          onChange={(event) => setCost(event.currentTarget.value)}
          required
        />
        <TextInput
          label="Valid from"
          type="date"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          required
        />
        <Button type="submit" variant="default" loading={record.isPending}>
          Record
        </Button>
      </div>
      {record.error && <Refusal error={record.error} />}
    </form>
  );
}

/** The price in force on a day: of those that cover it the one that starts last, and of equals the one recorded last. */
function inForceOn(prices: readonly Price[], day: string): Price | undefined {
  const covering = prices.filter(({ validFrom, validTo }) => validFrom <= day && (validTo === null || validTo >= day));
  // They come with the last recorded first, and sorting keeps that order among equals.
  return covering.toSorted((a, b) => b.validFrom.localeCompare(a.validFrom))[0];
}

/** Every price that was recorded for a product, up to an instant where one is given, with the one in force then. */
export function Prices({ product, asOf }: { product: Product; asOf: string | undefined }) {
  const prices = useQuery(pricesQuery(product.id, asOf));
  const may = useMay();
  const user = useUser();
  if (prices.error) return <Refusal error={prices.error} retry={() => void prices.refetch()} />;
  if (!prices.data) return <RowsLoading rows={3} />;
  const currency = prices.data[0]?.listPrice.currency ?? user?.tenant?.currency ?? 'USD';
  const inForce = inForceOn(prices.data, asOf ? dayOf(asOf) : today());
  const exported = () => ({
    head: ['product_code', 'list_price', 'cost', 'valid_from', 'valid_to', 'recorded_at'],
    rows: prices.data.map((one) => [
      ...[product.code, one.listPrice, one.cost, one.validFrom, one.validTo, one.recordedAt],
    ]),
  });
  return (
    <Panel
      title={asOf ? `Prices per case, as known ${instantText(asOf)}` : 'Prices per case, the last recorded first'}
      className="scrolls"
      aside={<ExportButton name={`prices of ${product.code}`} table={exported} disabled={prices.data.length === 0} />}
    >
      {prices.data.length === 0 && (
        <Empty title={asOf ? 'No price was known then' : 'No price yet'}>
          {asOf ? 'The first one was recorded later.' : 'Record one, or import a price list.'}
        </Empty>
      )}
      {prices.data.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>Valid from</th>
              <th>Until</th>
              <th className="right">List price</th>
              <th className="right">Cost</th>
              <th>Recorded</th>
            </tr>
          </thead>
          <tbody>
            {prices.data.map((price) => (
              <tr key={price.id}>
                <td className="num">
                  {dateText(price.validFrom)} {price.id === inForce?.id && <span className="tag">in force</span>}
                </td>
                <td className="num t-dim">{price.validTo ? dateText(price.validTo) : 'until another one'}</td>
                <td className="right">
                  <CellValue of="prices.listPrice" row={price} value={price.listPrice} label="List price" />
                </td>
                <td className="right">
                  <CellValue of="prices.cost" row={price} value={price.cost} label="Cost" />
                </td>
                <td className="num t-dim">{instantText(price.recordedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!asOf && may('products:write') && <NewPrice product={product} currency={currency} />}
    </Panel>
  );
}

import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import type { Product } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, today } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { MoneyValue } from '../../ui/values.tsx';
import { type Price, pricesQuery } from './queries.ts';

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

function Prices({ product }: { product: Product }) {
  const prices = useQuery(pricesQuery(product.id));
  const may = useMay();
  const user = useUser();
  if (prices.error) return <Refusal error={prices.error} retry={() => void prices.refetch()} />;
  if (!prices.data) return <RowsLoading rows={3} />;
  const currency = prices.data[0]?.listPrice.currency ?? user?.tenant?.currency ?? 'USD';
  const exported = () => ({
    head: ['product_code', 'list_price', 'cost', 'valid_from', 'valid_to', 'recorded_at'],
    rows: prices.data.map((one) => [
      ...[product.code, one.listPrice, one.cost, one.validFrom, one.validTo, one.recordedAt],
    ]),
  });
  return (
    <Panel
      title="Prices per case, the last recorded first"
      className="scrolls"
      aside={<ExportButton name={`prices of ${product.code}`} table={exported} disabled={prices.data.length === 0} />}
    >
      {prices.data.length === 0 && <Empty title="No price yet">Record one, or import a price list.</Empty>}
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
                <td className="num">{dateText(price.validFrom)}</td>
                <td className="num t-dim">{price.validTo ? dateText(price.validTo) : 'until another one'}</td>
                <td className="right">
                  <MoneyValue value={price.listPrice} />
                </td>
                <td className="right">
                  <MoneyValue value={price.cost} />
                </td>
                <td className="num t-dim">{instantText(price.recordedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {may('products:write') && <NewPrice product={product} currency={currency} />}
    </Panel>
  );
}

/** A product's own fields, changed on the version that was read, and its prices with their history. */
export function ProductDetail({ product, all }: { product: Product; all: readonly Product[] }) {
  const client = useQueryClient();
  const may = useMay();
  const editable = may('products:write');
  const [name, setName] = useState(product.name);
  const [level, setLevel] = useState(product.level ?? '');
  const [parentId, setParent] = useState(product.parentId);
  const [unitsPerCase, setUnits] = useState(product.unitsPerCase ?? '');
  const [own, setOwn] = useState(product.own ?? true);
  const save = useMutation({
    mutationFn: () =>
      request<Product>(`/products/${product.id}`, {
        method: 'PATCH',
        ifMatch: product.version,
        body: {
          ...{ name, level, parentId, own },
          ...(unitsPerCase && unitsPerCase !== product.unitsPerCase ? { unitsPerCase } : {}),
        },
      }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['products'] });
      sayDone('Saved', `${saved.name}, version ${saved.version}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div>
        <h2 style={{ fontSize: 16 }}>{product.name}</h2>
        <div className="t-dim">
          {product.code} · {product.level} · {product.own === false ? 'a competitor’s' : 'our own'} · version{' '}
          {product.version} ·{' '}
          <Link to="/audit" search={{ entityId: product.id }}>
            history
          </Link>
        </div>
      </div>
      <form onSubmit={submit} className="fields readable" style={{ maxWidth: 640 }}>
        <TextInput
          label="Name"
          className="wide"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          disabled={!editable}
          required
        />
        <TextInput
          label="Level"
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
          disabled={!editable}
          required
        />
        <TextInput
          label="Units per case"
          inputMode="decimal"
          value={unitsPerCase}
          onChange={(event) => setUnits(event.currentTarget.value)}
          disabled={!editable}
        />
        <Select
          label="Stands below"
          className="wide"
          searchable
          clearable
          limit={50}
          placeholder="Nothing: it is a root"
          data={all
            .filter(({ id }) => id !== product.id)
            .map(({ id, code, name: of }) => ({ value: id, label: `${of} (${code})` }))}
          value={parentId}
          onChange={setParent}
          disabled={!editable}
        />
        <Checkbox
          className="wide"
          label="Our own product"
          checked={own}
          onChange={(event) => setOwn(event.currentTarget.checked)}
          disabled={!editable}
        />
        {save.error && (
          <div className="wide">
            <Refusal error={save.error} />
          </div>
        )}
        {editable && (
          <div className="wide">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </div>
        )}
      </form>
      <Prices product={product} />
    </div>
  );
}

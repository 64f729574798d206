import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Product } from '../../api/shapes.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { Prices } from './prices.tsx';
import { Then } from './then.tsx';

/** A product's own fields, changed on the version that was read, and its prices with their history. */
export function ProductDetail({
  product,
  all,
  asOf,
}: {
  product: Product;
  all: readonly Product[];
  asOf: string | undefined;
}) {
  const client = useQueryClient();
  const may = useMay();
  const editable = asOf === undefined && may('products:write');
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
      {asOf && <Then tree="products" node={product} all={all} asOf={asOf} />}
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
      <Prices product={product} asOf={asOf} />
    </div>
  );
}

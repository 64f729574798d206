import { Checkbox } from '@mantine/core';
import { useMemo, useState } from 'react';

/** Rows in one call: the server calculates each of them. */
export const maxSelected = 50;

/** The promotions that a person has picked to work on together. */
export interface Selection {
  ids: ReadonlySet<string>;
  toggle(id: string): void;
  clear(): void;
}

/** Keeps which rows are picked; rows that are no longer shown are left out. */
export function useSelection(shown: readonly { id: string }[]): Selection {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => new Set(shown.filter(({ id }) => picked.has(id)).map(({ id }) => id)), [shown, picked]);
  return {
    ids,
    toggle: (id) => {
      const next = new Set(ids);
      if (!next.delete(id) && next.size < maxSelected) next.add(id);
      setPicked(next);
    },
    clear: () => setPicked(new Set()),
  };
}

/** The box by which a row is picked. */
export function SelectBox({ selection, id, name }: { selection: Selection; id: string; name: string }) {
  return (
    <Checkbox
      size="xs"
      aria-label={`Select ${name}`}
      checked={selection.ids.has(id)}
      onClick={(event) => event.stopPropagation()}
      onChange={() => selection.toggle(id)}
    />
  );
}

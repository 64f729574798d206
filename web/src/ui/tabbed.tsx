import { SegmentedControl } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

/** One view of a screen with several, under the name that stands in the address. */
export interface Tab<Name extends string> {
  value: Name;
  label: string;
  /** Takes the switch, to stand under its title. */
  View: ComponentType<{ head: ReactNode }>;
}

/** A screen with several views: the one that `shown` names, else the first, with the switch between them. */
export function Tabbed<Name extends string>({
  tabs,
  shown,
  choose,
}: {
  tabs: readonly Tab<Name>[];
  shown: string | undefined;
  choose(tab: Name): void;
}) {
  const at = tabs.find(({ value }) => value === shown) ?? tabs[0];
  if (!at) return null;
  const head = (
    <SegmentedControl
      size="xs"
      aria-label="What to look at"
      data={tabs.map(({ value, label }) => ({ value, label }))}
      value={at.value}
      onChange={(value) => choose(value as Name)}
    />
  );
  return <at.View head={head} />;
}

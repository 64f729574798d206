import { Skeleton } from '@mantine/core';
import { type ComponentProps, lazy, Suspense } from 'react';

const EChart = lazy(() => import('./echart.tsx'));

/** A chart whose library is fetched when the first one is shown; its place is kept meanwhile. */
export function Chart(props: ComponentProps<typeof EChart>) {
  return (
    <Suspense fallback={<Skeleton height={props.heightPx} radius="sm" />}>
      <EChart {...props} />
    </Suspense>
  );
}

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Refusal } from '../../ui/screen.tsx';
import type { DiagramProps } from './bpmn-diagram.tsx';
import { bpmnQuery } from './queries.ts';

const BpmnDiagram = lazy(() => import('./bpmn-diagram.tsx'));
const loading = (
  <div className="bpmn" aria-busy="true">
    <Skeleton height="100%" radius={0} />
  </div>
);

/** A diagram; what draws it is loaded when it is first needed. */
export function DrawnDiagram(props: DiagramProps) {
  return (
    <Suspense fallback={loading}>
      <BpmnDiagram {...props} />
    </Suspense>
  );
}

/** The diagram of a version or an instance. */
export function Diagram({
  of,
  id,
  ...props
}: Omit<DiagramProps, 'bpmn'> & { of: 'processes' | 'instances'; id: string }) {
  const bpmn = useQuery(bpmnQuery(of, id));
  if (bpmn.error) return <Refusal error={bpmn.error} retry={() => void bpmn.refetch()} />;
  return bpmn.data ? <DrawnDiagram key={id} bpmn={bpmn.data} {...props} /> : loading;
}

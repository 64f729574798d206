import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Panel } from '../../ui/screen.tsx';
import { Diagram } from '../workflow/diagram.tsx';
import type { Badge, Mark } from '../workflow/diagram-canvas.ts';
import { nodeName } from '../workflow/model-nodes.ts';
import { instanceQuery } from '../workflow/queries.ts';
import { durationText } from './durations.ts';
import { type Asked, behindQuery } from './queries.ts';
import type { HeavyStep } from './step-table.tsx';

const heats = ['heat-1', 'heat-2', 'heat-3', 'heat-4'] as const satisfies readonly Mark[];

/** What the latest instance ran on: its diagram stands for the process, its names for the steps. */
export function useLatest(asked: Asked) {
  const latest = useInfiniteQuery(behindQuery(asked, {}, 1)).data?.pages[0]?.items[0];
  const { data } = useQuery({ ...instanceQuery(latest?.id ?? ''), enabled: latest !== undefined });
  const model = data?.model;
  return { id: data?.id, nameOf: (step: string) => (model ? nodeName(model, step) : step) };
}

/** The diagram of a process, the warmer a step the more of the time it takes. */
export function Heat({ instanceId, steps }: { instanceId: string; steps: readonly HeavyStep[] }) {
  const most = Math.max(...steps.map(({ part }) => part), 0);
  const { marks, badges } = useMemo(() => {
    const warm = steps.filter(({ part }) => part > 0);
    const heatOf = (part: number) => heats[Math.min(3, Math.ceil((part / most) * 4) - 1)] ?? 'heat-1';
    return {
      marks: warm.map(({ step, part }) => ({ id: step, mark: heatOf(part) })),
      badges: warm.map(
        ({ step, part, shownCycle }): Badge => ({
          ...{ node: step, text: durationText(shownCycle.p50), mark: heatOf(part) },
          title: `Half within ${durationText(shownCycle.p50)}; ${Math.round(part * 100)} % of all time`,
        }),
      ),
    };
  }, [steps, most]);
  return (
    <Panel title="Where the time goes" className="drawn">
      <Diagram
        of="instances"
        id={instanceId}
        has={steps[0]?.step}
        label="The process, the warmer a step the more of the time it takes"
        marks={marks}
        badges={badges}
      />
    </Panel>
  );
}

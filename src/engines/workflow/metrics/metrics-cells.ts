import type { CellFigure } from '#figure';

const counted = 'tasks of the instances that ended in the period';

/** How the shares of the process metrics explain themselves. */
export const metricsCells: Readonly<Record<string, CellFigure>> = {
  'metrics.steps.late': {
    ...{ unit: 'ratio', formula: 'decided after they were due / decided', formulaVersion: 'metrics-late/1' },
    inputs: [
      { name: 'decided after they were due', field: 'late', source: counted },
      { name: 'decided', field: 'decided', source: counted },
    ],
  },
  'metrics.steps.share': {
    ...{ unit: 'ratio', formula: 'hours at this step / hours at all steps', formulaVersion: 'metrics-share/1' },
    inputs: [
      { name: 'hours at this step', field: 'hours', source: 'from being opened to being decided, summed' },
      { name: 'hours at all steps', field: 'allHours', source: 'the same of every step' },
    ],
  },
  'metrics.ways.share': {
    ...{ unit: 'ratio', formula: 'instances that took this way / instances', formulaVersion: 'metrics-way/1' },
    inputs: [
      { name: 'instances that took this way', field: 'instances', source: 'ended in the period' },
      { name: 'instances', field: 'all', source: 'ended in the period' },
    ],
  },
};

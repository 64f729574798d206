import type { DecisionModel, DecisionTable, Variable } from './dmn-model.ts';

/** A model of one decision, which a table makes from input data of these names: what a table editor starts with. */
export function modelOfTable(name: string, inputs: readonly Variable[], table: DecisionTable): DecisionModel {
  const input = (index: number) => `input-${index + 1}`;
  return {
    id: 'model',
    name,
    namespace: `urn:decision:${encodeURIComponent(name)}`,
    version: '1.3',
    imports: [],
    types: [],
    inputs: inputs.map((variable, index) => ({ id: input(index), name: variable.name, variable })),
    decisions: [
      {
        id: 'decision',
        name,
        variable: { name },
        requiredDecisions: [],
        requiredInputs: inputs.map((_, index) => `#${input(index)}`),
        requiredKnowledge: [],
        logic: table,
      },
    ],
    knowledge: [],
    services: [],
  };
}

import { Checkbox } from '@mantine/core';
import { conditionOf, type Repetition, repetitionOf, setCondition, setRepetition } from './drawn-values.ts';
import { ChoiceField, FeelField, OfferedField, Section, TextField } from './fields.tsx';
import { type Change, ownOf } from './moddle-parts.ts';
import type { Of } from './picked.ts';

/** When a flow is taken. */
export function FlowFields({ drawing, element, part, say, around }: Of) {
  const maker = drawing.services.get('moddle');
  const source = element.source?.businessObject;
  const chooses = source?.$type === 'bpmn:ExclusiveGateway' || source?.$type === 'bpmn:InclusiveGateway';
  const isDefault = chooses && source.default === part;
  const condition = conditionOf(part);
  const offered = [
    ...drawing.elements
      .filter(({ type }) => type === 'bpmn:UserTask')
      .flatMap((task) =>
        ownOf<{ name?: string }>(task.businessObject, 'Outcome').map(({ name }) => `${task.id}.outcome = "${name}"`),
      ),
    ...around.variables,
  ];
  const siblings = element.source?.outgoing.length ?? 0;
  if (!chooses || (siblings < 2 && condition === '')) {
    return (
      <div className="t-dim t-sm">
        {chooses
          ? 'The only way on: it needs no condition.'
          : 'It is always taken: only exclusive and inclusive gateways choose.'}
      </div>
    );
  }
  return (
    <>
      <Checkbox
        size="xs"
        label="Taken where no other condition holds"
        checked={isDefault}
        onChange={(event) => {
          const isNow = event.currentTarget.checked;
          const takes: Change = { target: source, properties: { default: isNow ? part : undefined } };
          say(...(isNow ? setCondition(maker, part, '') : []), takes);
        }}
      />
      {(!isDefault || condition !== '') && (
        <OfferedField
          label="Condition (FEEL)"
          isCode
          offered={offered}
          value={condition}
          say={(feel) => say(...setCondition(maker, part, feel))}
        />
      )}
    </>
  );
}

/** How often an activity runs. */
export function RepetitionFields({ drawing, part, say, around }: Of) {
  const repetition = repetitionOf(part);
  const put = (value: Repetition | undefined) => say(...setRepetition(drawing.services.get('moddle'), part, value));
  return (
    <Section title={repetition ? 'Once for each of a list' : 'Once'} isOpen={repetition !== undefined}>
      <Checkbox
        size="xs"
        label="Once for each of a list"
        checked={repetition !== undefined}
        onChange={(event) => put(event.currentTarget.checked ? { sequential: false, as: 'each' } : undefined)}
      />
      {repetition && (
        <>
          <Checkbox
            size="xs"
            label="One after another"
            checked={repetition.sequential}
            onChange={(event) => put({ ...repetition, sequential: event.currentTarget.checked })}
          />
          <div className="draw-pair">
            <FeelField label="The list (FEEL)" value={repetition.over} say={(over) => put({ ...repetition, over })} />
            <TextField label="Each is called" isCode value={repetition.as} say={(as) => put({ ...repetition, as })} />
          </div>
          <FeelField
            label="Until (FEEL)"
            description="Asked after each; completed, remaining and total are names in it"
            value={repetition.until}
            say={(until) => put({ ...repetition, until })}
          />
          <div className="draw-pair">
            <ChoiceField
              label="Collected into"
              placeholder="Nothing"
              data={around.variables}
              value={repetition.collectInto}
              say={(collectInto) => put({ ...repetition, collectInto })}
            />
            <FeelField
              label="What of each (FEEL)"
              value={repetition.collectValue}
              say={(collectValue) => put({ ...repetition, collectValue })}
            />
          </div>
        </>
      )}
    </Section>
  );
}

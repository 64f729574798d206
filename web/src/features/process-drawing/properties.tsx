import { useMemo } from 'react';
import { CallFields, RuleFields, ServiceFields } from './automatic-fields.tsx';
import type { Around } from './candidate-fields.tsx';
import { type Drawn, kindOf, nameOf } from './drawables.ts';
import { EventFields, SendFields } from './event-fields.tsx';
import { TextField } from './fields.tsx';
import { FlowFields, RepetitionFields } from './flow-and-repetition-fields.tsx';
import { otherTools, type Part, setOwn, textOf } from './moddle-parts.ts';
import { type Of, variablesOf } from './picked.ts';
import { ProcessFields } from './process-fields.tsx';
import type { Drawing } from './use-drawing.ts';
import { UserTaskFields } from './user-task-fields.tsx';

function aroundOf({ process, elements }: Drawing, element: Drawn): Around {
  return {
    variables: variablesOf(process).flatMap(({ name }) => (name ? [name] : [])),
    tasks: elements
      .filter((one) => one.type === 'bpmn:UserTask' && one !== element)
      .map((one) => ({ value: one.id, label: nameOf(one) })),
  };
}

const activities = /(Task|SubProcess|CallActivity)$/;

const fieldsOf: Readonly<Record<string, (of: Of) => React.ReactNode>> = {
  'bpmn:UserTask': UserTaskFields,
  'bpmn:ServiceTask': ServiceFields,
  'bpmn:BusinessRuleTask': RuleFields,
  'bpmn:CallActivity': CallFields,
  'bpmn:SequenceFlow': FlowFields,
};

function ElementFields(of: Of) {
  const { drawing, element, part } = of;
  const { services, pick } = drawing;
  const rename = (id: string) => {
    const isFree = /^[A-Za-z_][\w.-]*$/.test(id) && !services.get('elementRegistry').get(id);
    if (!isFree) return;
    services.get('modeling').updateProperties(element, { id });
    pick(id);
  };
  const isFlow = part.$type === 'bpmn:SequenceFlow';
  const Fields = part.$type.endsWith('Event')
    ? EventFields
    : part.$type === 'bpmn:SendTask'
      ? SendFields
      : fieldsOf[part.$type];
  const tools = otherTools(part);
  return (
    <>
      <TextField
        label="Name"
        value={textOf(part.name)}
        say={(name) => services.get('modeling').updateProperties(element, { name: name || undefined })}
      />
      {!isFlow && <TextField label="Id" description="Its name in FEEL" isCode value={textOf(part.id)} say={rename} />}
      {tools.length > 0 && (
        <div className="notice t-dim">
          Another tool wrote on it too ({tools.join(', ')}): that stays, and what you say here comes first.
        </div>
      )}
      {Fields && <Fields {...of} />}
      {activities.test(part.$type) && <RepetitionFields {...of} />}
    </>
  );
}

const keys = new WeakMap<Part, string>();

/** Names an element for as long as it is drawn: its id changes while somebody stands in one of its fields. */
function keyOf(part: Part): string {
  const key = keys.get(part) ?? crypto.randomUUID();
  keys.set(part, key);
  return key;
}

/** The fields of what is picked; of the process where nothing is. Each change is one that undo takes back. */
export function Properties({ drawing }: { drawing: Drawing }) {
  const { picked, process, services, change } = drawing;
  const around = useMemo(() => aroundOf(drawing, picked), [drawing, picked]);
  const isProcess = picked === services.get('canvas').getRootElement() || picked.type === 'bpmn:Participant';
  const part = isProcess ? process : picked.businessObject;
  const of: Of = {
    ...{ drawing, element: picked, part, around },
    say: (...changes) => change(picked, changes),
    own: (type, values) => change(picked, setOwn(services.get('moddle'), part, type, values)),
  };
  return (
    <div className="stack" key={keyOf(part)}>
      <h2 className="draw-kind">{kindOf(part)}</h2>
      {isProcess ? <ProcessFields {...of} /> : <ElementFields {...of} />}
    </div>
  );
}

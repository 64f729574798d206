import { Checkbox } from '@mantine/core';
import { definitionOf, namedBy, type Reference, setNamed, setTimer, timerOf } from './drawn-values.ts';
import { FeelField, OfferedField, Section } from './fields.tsx';
import { ownOf, type Part, partsOf, textOf } from './moddle-parts.ts';
import { MomentFields } from './moment-fields.tsx';
import { type Pair, PairFields } from './pair-fields.tsx';
import type { Of } from './picked.ts';

const referenceLabels: Readonly<Record<Reference, string>> = {
  messageRef: 'Message',
  signalRef: 'Signal',
  errorRef: 'Error code',
  escalationRef: 'Escalation code',
};

/** The name of what is sent, thrown or waited for; those of the file are offered. */
function NameField({ drawing, say, holder, reference }: Of & { holder: Part; reference: Reference }) {
  const { definitions, services } = drawing;
  const type = `bpmn:${reference.replace('Ref', '').replace(/^./, (letter) => letter.toUpperCase())}`;
  const offered = partsOf(definitions.rootElements).filter(({ $type }) => $type === type);
  return (
    <OfferedField
      label={referenceLabels[reference]}
      isCode
      offered={offered.flatMap((root) => textOf(root.errorCode ?? root.escalationCode ?? root.name) ?? [])}
      value={namedBy(holder, reference)}
      say={(name) => say(...setNamed(services.get('moddle'), definitions, holder, reference, name))}
    />
  );
}

function ContentFields({ part, own }: Of) {
  const content = ownOf<Pair>(part, 'Content');
  return (
    <Section title={`Content: ${content.length || 'none'}`} isOpen={content.length > 0}>
      <PairFields name="content" value={content} put={(value) => own('Content', value)} />
    </Section>
  );
}

const referenceOf: Readonly<Record<string, Reference>> = {
  'bpmn:MessageEventDefinition': 'messageRef',
  'bpmn:SignalEventDefinition': 'signalRef',
  'bpmn:ErrorEventDefinition': 'errorRef',
  'bpmn:EscalationEventDefinition': 'escalationRef',
};

/** What an event waits for or tells, and the outcome of an end. */
export function EventFields(of: Of) {
  const { part, own, say, drawing } = of;
  const definition = definitionOf(part);
  const reference = definition && referenceOf[definition.$type];
  const isTimer = definition?.$type === 'bpmn:TimerEventDefinition';
  const isMessage = definition?.$type === 'bpmn:MessageEventDefinition';
  const isThrown = part.$type === 'bpmn:EndEvent' || part.$type === 'bpmn:IntermediateThrowEvent';
  const [outcome] = ownOf<{ name?: string }>(part, 'Outcome');
  return (
    <>
      {part.$type === 'bpmn:EndEvent' && (
        <OfferedField
          label="Outcome of the process"
          description="What came of it, where it ends here"
          isCode
          offered={['approved', 'rejected']}
          value={outcome?.name}
          say={(name) => own('Outcome', name === '' ? [] : [{ name }])}
        />
      )}
      {isTimer && (
        <MomentFields
          label="Fires"
          value={timerOf(definition)}
          put={(moment) => say(...setTimer(drawing.services.get('moddle'), definition, moment))}
        />
      )}
      {reference && <NameField {...of} holder={definition} reference={reference} />}
      {isMessage && (
        <FeelField
          label="Which of many waits for it (FEEL)"
          value={textOf(definition.correlate)}
          say={(correlate) => say({ target: definition, properties: { correlate: correlate || undefined } })}
        />
      )}
      {isMessage && isThrown && <ContentFields {...of} />}
      {part.$type === 'bpmn:BoundaryEvent' && (
        <Checkbox
          size="xs"
          label="Ends what it stands on"
          checked={part.cancelActivity !== false}
          disabled={definition?.$type === 'bpmn:ErrorEventDefinition'}
          onChange={(event) => say({ target: part, properties: { cancelActivity: event.currentTarget.checked } })}
        />
      )}
    </>
  );
}

/** What a send task sends. */
export function SendFields(of: Of) {
  return (
    <>
      <NameField {...of} holder={of.part} reference="messageRef" />
      <ContentFields {...of} />
    </>
  );
}

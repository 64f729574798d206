import { useQuery } from '@tanstack/react-query';
import { decisionsQuery, shippedQuery } from '../decisions/queries.ts';
import { processesQuery, shippedProcessesQuery } from '../workflow/queries.ts';
import { ChoiceField, Section } from './fields.tsx';
import { ownOf, textOf } from './moddle-parts.ts';
import { type Pair, PairFields } from './pair-fields.tsx';
import type { Of } from './picked.ts';
import { vocabularyQuery } from './queries.ts';

type Named = { name?: string | undefined; result?: string | undefined };

function InputFields({ part, own }: Pick<Of, 'part' | 'own'>) {
  const inputs = ownOf<Pair>(part, 'Input');
  return (
    <Section title={`Inputs: ${inputs.length || 'none'}`} isOpen={inputs.length > 0}>
      <PairFields name="input" value={inputs} put={(value) => own('Input', value)} />
    </Section>
  );
}

/** What the product does here. */
export function ServiceFields({ part, own, around }: Of) {
  const vocabulary = useQuery(vocabularyQuery);
  const [effect = {}] = ownOf<Named>(part, 'Effect');
  const effects = vocabulary.data?.effects ?? [];
  const chosen = effects.find(({ name }) => name === effect.name);
  return (
    <>
      <ChoiceField
        label="Effect"
        description="What the product does here, in the transaction of the step"
        data={effects.map(({ name, title }) => ({ value: name, label: title }))}
        value={effect.name}
        say={(name) => own('Effect', [{ ...effect, name }])}
      />
      {(chosen?.answers !== null || effect.result !== undefined) && (
        <ChoiceField
          label="Its answer goes into"
          placeholder="Nothing"
          {...(chosen?.answers ? { description: `A variable of the type ${chosen.answers}` } : {})}
          data={around.variables}
          value={effect.result}
          say={(result) => own('Effect', [{ ...effect, result }])}
        />
      )}
      {chosen && (
        <div className="t-dim t-sm">
          Takes{' '}
          {chosen.inputs
            .map(({ name, title, type, required }) => `${name} (${title}: ${type}${required ? '' : ', if you like'})`)
            .join(', ') || 'nothing'}
          .
        </div>
      )}
      <InputFields part={part} own={own} />
    </>
  );
}

/** Which decision answers here. */
export function RuleFields({ part, own, around }: Of) {
  const shipped = useQuery(shippedQuery);
  const kept = useQuery(decisionsQuery);
  const [decision = {}] = ownOf<Named>(part, 'Decision');
  const known = new Map(
    [...(shipped.data ?? []), ...(kept.data ?? []).filter(({ state }) => state === 'published')].map(
      ({ code, title }) => [code, `${title} (${code})`] as const,
    ),
  );
  return (
    <>
      <ChoiceField
        label="Decision"
        description="A decision table in force"
        data={[...known].map(([value, label]) => ({ value, label }))}
        value={decision.name}
        say={(name) => own('Decision', [{ ...decision, name }])}
      />
      <ChoiceField
        label="Its answer goes into"
        data={around.variables}
        value={decision.result}
        say={(result) => own('Decision', [{ ...decision, result }])}
      />
      <InputFields part={part} own={own} />
    </>
  );
}

/** Which process runs here. */
export function CallFields({ part, own, say, around }: Of) {
  const processes = useQuery(processesQuery);
  const shipped = useQuery(shippedProcessesQuery);
  const codes = [
    ...(processes.data ?? []).filter(({ state }) => state === 'published').map(({ code }) => code),
    ...(shipped.data ?? []).map(({ code }) => code),
  ];
  const outputs = ownOf<Pair>(part, 'Output');
  return (
    <>
      <ChoiceField
        label="Process"
        description="One in force; this waits for its end"
        data={[...new Set(codes)]}
        value={textOf(part.calledElement)}
        say={(calledElement) => say({ target: part, properties: { calledElement } })}
      />
      <InputFields part={part} own={own} />
      <Section title={`Outputs: ${outputs.length || 'none'}`} isOpen={outputs.length > 0}>
        <div className="t-dim t-sm">Variables here, by FEEL over those of the called process.</div>
        <PairFields name="output" value={outputs} put={(value) => own('Output', value)} offered={around.variables} />
      </Section>
    </>
  );
}

import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { codeFor } from './drawn-values.ts';
import { ChoiceField, Rows, Section, TextField } from './fields.tsx';
import { setOwn, textOf } from './moddle-parts.ts';
import { type Of, type Variable, variablesOf } from './picked.ts';
import { vocabularyQuery } from './queries.ts';

/** The code of a process before anybody gives it a title (`empty-drawing.ts`). */
const newCode = 'new-process';

/** Title, code and variables. */
export function ProcessFields({ drawing, part }: Of) {
  const vocabulary = useQuery(vocabularyQuery);
  const { picked, process, change, services } = drawing;
  const root = services.get('canvas').getRootElement();
  const isRoot = root.businessObject === process;
  const say = (properties: Record<string, unknown>) =>
    change(isRoot ? root : picked, [{ target: process, properties }]);
  const code = textOf(part.id) ?? '';
  const put = (variables: Variable[]) =>
    change(isRoot ? root : picked, setOwn(services.get('moddle'), process, 'Variable', variables));
  return (
    <>
      <TextField
        label="Title"
        value={textOf(part.name)}
        say={(name) => say(code === newCode && isRoot ? { name, id: codeFor(name) } : { name })}
      />
      <TextField
        label="Code"
        description="Versions of one process share it: a version in force of this code gives way"
        isCode
        value={code}
        say={(id) => isRoot && say({ id: codeFor(id) })}
      />
      <Section title="Variables" isOpen>
        <Rows items={variablesOf(process)} name="variable" add={{ type: 'string' }} put={put} aria-label="Variables">
          {(one, set) => (
            <>
              <div className="draw-pair">
                <TextField label="Name" isCode value={one.name} say={(name) => set({ ...one, name })} />
                <ChoiceField
                  label="Type"
                  isRequired
                  data={vocabulary.data?.variableTypes ?? []}
                  value={one.type}
                  say={(type) => set({ ...one, type })}
                />
              </div>
              <TextField
                label="Allowed (FEEL tests)"
                placeholder="any"
                isCode
                value={one.allowed}
                say={(allowed) => set({ ...one, allowed })}
              />
              <Checkbox
                size="xs"
                label="Required at the start"
                checked={one.required === true}
                onChange={(event) => set({ ...one, required: event.currentTarget.checked || undefined })}
              />
            </>
          )}
        </Rows>
      </Section>
    </>
  );
}

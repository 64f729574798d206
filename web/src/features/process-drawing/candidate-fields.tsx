import { Checkbox, MultiSelect, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '../../api/queries.ts';
import { ChoiceField, FeelField, Section } from './fields.tsx';
import { vocabularyQuery } from './queries.ts';

/** Who may take a task, as the file says it (`tradeai:candidates`). */
export interface Candidates {
  permission?: string | undefined;
  people?: string | undefined;
  managerOf?: string | undefined;
  levels?: number | undefined;
  limitCovers?: string | undefined;
  roles?: { name: string }[] | undefined;
  notActorOf?: { task: string }[] | undefined;
  otherwise?: Candidates | undefined;
}

/** What the fields of an element can choose among. */
export interface Around {
  variables: readonly string[];
  /** The other user tasks of the process. */
  tasks: readonly { value: string; label: string }[];
}

/** What was typed as a whole number; undefined where nothing was. */
export const wholeNumber = (value: string | number) => (value === '' ? undefined : Math.trunc(Number(value)));

/** Who may take a task: everything said narrows it. */
export function CandidateFields({
  value,
  put,
  around,
  depth = 0,
}: {
  value: Candidates;
  put(value: Candidates): void;
  around: Around;
  depth?: number;
}) {
  const vocabulary = useQuery(vocabularyQuery);
  const roles = useQuery(rolesQuery);
  const known = (roles.data?.items ?? []).map(({ code, name }) => ({ value: code, label: name }));
  const chosen = (value.roles ?? []).map(({ name }) => name);
  const lost = chosen.filter((code) => !known.some((one) => one.value === code));
  return (
    <>
      <MultiSelect
        label="Roles"
        searchable
        placeholder={chosen.length === 0 ? 'Any' : ''}
        data={[...known, ...lost.map((code) => ({ value: code, label: code }))]}
        value={chosen}
        onChange={(codes) => put({ ...value, roles: codes.map((name) => ({ name })) })}
      />
      <ChoiceField
        label="Permission"
        placeholder="Any"
        data={vocabulary.data?.permissions ?? []}
        value={value.permission}
        say={(permission) => put({ ...value, permission })}
      />
      <FeelField
        label="People (FEEL)"
        description="An id, or a list of ids"
        value={value.people}
        say={(people) => put({ ...value, people })}
      />
      <div className="draw-pair">
        <FeelField
          label="The manager of (FEEL)"
          value={value.managerOf}
          say={(managerOf) => put({ ...value, managerOf })}
        />
        <NumberInput
          label="Levels up"
          min={1}
          disabled={!value.managerOf}
          value={value.levels ?? ''}
          placeholder="1"
          onChange={(levels) => put({ ...value, levels: wholeNumber(levels) })}
        />
      </div>
      <ChoiceField
        label="Personal limit covers"
        placeholder="Any limit"
        description="A variable that holds money"
        data={around.variables}
        value={value.limitCovers}
        say={(limitCovers) => put({ ...value, limitCovers })}
      />
      <MultiSelect
        label="Not for who decided"
        data={[...around.tasks]}
        value={(value.notActorOf ?? []).map(({ task }) => task)}
        onChange={(tasks) => put({ ...value, notActorOf: tasks.map((task) => ({ task })) })}
      />
      {depth < 3 && (
        <Section title="Who instead, where too few meet this" isOpen={value.otherwise !== undefined}>
          <Checkbox
            size="xs"
            label="Ask others then"
            checked={value.otherwise !== undefined}
            onChange={(event) => put({ ...value, otherwise: event.currentTarget.checked ? {} : undefined })}
          />
          {value.otherwise && (
            <CandidateFields
              value={value.otherwise}
              put={(otherwise) => put({ ...value, otherwise })}
              around={around}
              depth={depth + 1}
            />
          )}
        </Section>
      )}
    </>
  );
}

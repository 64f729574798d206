import { Select, Textarea, TextInput } from '@mantine/core';
import type { VariableDeclaration } from './shapes.ts';
import { conditionInWords } from './variable-words.ts';

/** What was typed into the fields, by variable. */
export type Typed = Readonly<Record<string, string>>;

/** Whether something was typed for a variable. */
export const isGiven = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';

/**
 * Numbers stay text, which holds all their digits. What is typed for lists and contexts is JSON; what is none goes as it
 * stands, and the server says what it wants.
 */
function readTyped(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true';
  if (type !== 'list' && type !== 'context') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The values that were typed; what was left empty is left out. */
export function valuesOf(variables: readonly VariableDeclaration[], typed: Typed): Record<string, unknown> {
  const given = variables.filter(({ name }) => isGiven(typed[name]));
  return Object.fromEntries(given.map(({ name, type }) => [name, readTyped(type, (typed[name] ?? '').trim())]));
}

const hints: Record<string, string> = {
  date: '2027-03-15',
  'date-time': '2027-03-15T09:00:00Z',
  duration: 'P2D',
  money: '1250.00',
  number: '12.5',
  list: '["a", "b"]',
  context: '{ "name": "value" }',
};

/** Types as people call them; of texts and yes or no the field speaks for itself. */
const types: Record<string, string> = {
  string: '',
  boolean: '',
  number: 'a number',
  money: 'an amount',
  'date-time': 'a moment',
  context: 'names and values',
};

/** A field for each variable, by its type. */
export function VariableFields({
  variables,
  typed,
  put,
  labels = {},
  focusFirst = false,
}: {
  variables: readonly VariableDeclaration[];
  typed: Typed;
  put(typed: Typed): void;
  /** What a variable is called here, where that is not its name. */
  labels?: Readonly<Record<string, string>>;
  /** In a dialog whose first question they are. */
  focusFirst?: boolean;
}) {
  const change = (name: string, value: string) => put({ ...typed, [name]: value });
  return variables.map(({ name, type, required = false, allowed }, place) => {
    const field = {
      label: labels[name] ?? name,
      description: [types[type] ?? type, allowed && conditionInWords(allowed).replace(/^is /, '')]
        .filter(Boolean)
        .join(', '),
      required,
      value: typed[name] ?? '',
      ...(place === 0 && focusFirst ? { 'data-autofocus': true } : {}),
    };
    if (type === 'boolean') {
      return (
        <Select
          key={name}
          {...field}
          value={typed[name] ?? null}
          clearable
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
          onChange={(value) => change(name, value ?? '')}
        />
      );
    }
    const Field = type === 'list' || type === 'context' ? Textarea : TextInput;
    return (
      <Field
        key={name}
        {...field}
        {...(hints[type] ? { placeholder: hints[type] } : {})}
        onChange={(event) => change(name, event.currentTarget.value)}
      />
    );
  });
}

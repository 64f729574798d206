import { ActionIcon, Autocomplete, Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type ComponentPropsWithoutRef, type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';

/** What is typed until it is said: on leaving the field, or with Enter. Undo elsewhere shows in it. */
function useTyped(value: string, say: (value: string) => void) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const done = (now = typed) => {
    if (now.trim() !== value) say(now.trim());
  };
  return { typed, setTyped, done };
}

interface FieldProps {
  label: string;
  value: string | undefined;
  say(value: string): void;
  description?: string;
  placeholder?: string;
  /** FEEL and ids: in a fixed width, and not spelled. */
  isCode?: boolean;
}

const codeProps = { spellCheck: false, styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } };

/** A line of text. */
export function TextField({ value = '', say, isCode, ...rest }: FieldProps) {
  const { typed, setTyped, done } = useTyped(value, say);
  return (
    <TextInput
      {...rest}
      {...(isCode ? codeProps : {})}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => done()}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'Enter') done();
      }}
    />
  );
}

/** FEEL over several lines. */
export function FeelField({ value = '', say, ...rest }: Omit<FieldProps, 'isCode'>) {
  const { typed, setTyped, done } = useTyped(value, say);
  return (
    <Textarea
      {...rest}
      {...codeProps}
      autosize
      minRows={1}
      maxRows={6}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => done()}
    />
  );
}

/** Text with what is usual offered; anything else may be typed. */
export function OfferedField({
  value = '',
  say,
  isCode,
  offered,
  ...rest
}: FieldProps & { offered: readonly string[] }) {
  const { typed, setTyped, done } = useTyped(value, say);
  return (
    <Autocomplete
      {...rest}
      {...(isCode ? codeProps : {})}
      size="xs"
      data={[...new Set(offered)]}
      // What stands there already hides nothing of what is offered.
      filter={({ options, search }) =>
        search === value
          ? options
          : options.filter((one) => 'label' in one && one.label.toLowerCase().includes(search.toLowerCase()))
      }
      value={typed}
      onChange={setTyped}
      onOptionSubmit={(now) => done(now)}
      onBlur={() => done()}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'Enter') done();
      }}
    />
  );
}

/** One of several; what stands there and is none of them is shown too. */
export function ChoiceField({
  value,
  say,
  data,
  ...rest
}: {
  label: string;
  value: string | undefined;
  say(value: string | undefined): void;
  data: readonly (string | { value: string; label: string })[];
  placeholder?: string;
  description?: string;
  isRequired?: boolean;
}) {
  const { isRequired, ...shown } = rest;
  const known = data.some((one) => (typeof one === 'string' ? one : one.value) === value);
  return (
    <Select
      {...shown}
      searchable
      allowDeselect={false}
      clearable={!isRequired}
      data={[...(value && !known ? [{ value, label: `${value} (not here)` }] : []), ...data]}
      value={value ?? null}
      onChange={(next) => say(next ?? undefined)}
    />
  );
}

/** A titled part of the panel, open or not; what it holds is hidden behind its title until somebody needs it. */
export function Section({ title, isOpen, children }: { title: string; isOpen: boolean; children: ReactNode }) {
  return (
    <details className="draw-section" open={isOpen}>
      <summary>{title}</summary>
      <div className="stack">{children}</div>
    </details>
  );
}

/** Rows of something, each of which goes with its cross, and a button that adds one. */
export function Rows<T>({
  items,
  name,
  add,
  put,
  children,
  ...rest
}: {
  items: readonly T[];
  /** What one of them is called. */
  name: string;
  add: T;
  put(items: T[]): void;
  children(item: T, change: (item: T) => void): ReactNode;
} & Pick<ComponentPropsWithoutRef<'div'>, 'aria-label'>) {
  return (
    <div className="stack draw-rows" {...rest}>
      {items.map((item, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place only
        <div key={place} className="draw-row">
          <div className="stack grow">
            {children(item, (changed) => put(items.map((other, at) => (at === place ? changed : other))))}
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`Remove ${name} ${place + 1}`}
            onClick={() => put(items.filter((_, at) => at !== place))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={12} />}
          onClick={() => put([...items, add])}
        >
          Add {name}
        </Button>
      </div>
    </div>
  );
}

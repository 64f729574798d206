import { Button, TextInput } from '@mantine/core';

/** An instant as a local date and time field shows it, without its seconds. */
function localOf(instant: string | undefined): string {
  const at = new Date(instant ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Picks a past moment at which something is looked at; `undefined` is now. */
export function AsOfField({ asOf, put }: { asOf: string | undefined; put(instant: string | undefined): void }) {
  return (
    <>
      <span className="row t-sm t-dim">
        As of
        <TextInput
          aria-label="As of a past moment; empty: now"
          type="datetime-local"
          size="xs"
          value={localOf(asOf)}
          onChange={({ currentTarget: { value } }) => put(value ? new Date(value).toISOString() : undefined)}
        />
      </span>
      {asOf && (
        <Button size="xs" variant="default" onClick={() => put(undefined)}>
          Now
        </Button>
      )}
    </>
  );
}

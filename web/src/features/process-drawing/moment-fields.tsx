import { useQuery } from '@tanstack/react-query';
import type { Moment } from './drawn-values.ts';
import { ChoiceField, OfferedField } from './fields.tsx';
import { calendarsQuery } from './queries.ts';

const usual = {
  at: ['=end_date'],
  after: ['PT4H', 'P1D', 'P2D', 'P5D', 'P1W'],
  every: ['R/P1D', 'R/P1W', 'R3/P1D'],
};
const momentKinds = [
  { value: 'after', label: 'After' },
  { value: 'at', label: 'At' },
  { value: 'every', label: 'Every' },
];

/** When: after a while, at a moment, or again and again; in working time where a calendar is named. */
export function MomentFields({ label, value, put }: { label: string; value: Moment; put(value: Moment): void }) {
  const calendars = useQuery(calendarsQuery);
  const kind = value.at !== undefined ? 'at' : value.every !== undefined ? 'every' : 'after';
  const text = value[kind] ?? '';
  const calendar = value.calendar === undefined ? {} : { calendar: value.calendar };
  return (
    <>
      <div className="draw-pair narrow-first">
        <ChoiceField
          label={label}
          isRequired
          data={momentKinds}
          value={kind}
          say={(next) => put({ [next ?? 'after']: text || 'P1D', ...calendar })}
        />
        <OfferedField
          label={kind === 'at' ? 'Date-time' : 'Duration'}
          description="ISO 8601, or FEEL behind ="
          isCode
          offered={usual[kind]}
          value={text}
          say={(next) => put({ [kind]: next, ...calendar })}
        />
      </div>
      <ChoiceField
        label="Counted in"
        placeholder="Plain time"
        data={(calendars.data?.items ?? []).map(({ code, name }) => ({ value: code, label: name }))}
        value={value.calendar}
        say={(next) => put({ [kind]: text, ...(next ? { calendar: next } : {}) })}
      />
    </>
  );
}

import { FeelField, OfferedField, Rows } from './fields.tsx';

/** A name and its FEEL. */
export interface Pair {
  name?: string;
  value?: string;
}

/** Names and FEEL: what goes into something, comes out of it or is sent with it. */
export function PairFields({
  name,
  value,
  put,
  offered = [],
}: {
  name: string;
  value: readonly Pair[];
  put(value: Pair[]): void;
  offered?: readonly string[];
}) {
  return (
    <Rows items={value} name={name} add={{}} put={put}>
      {(one, change) => (
        <div className="draw-pair">
          <OfferedField
            label="Name"
            isCode
            offered={offered}
            value={one.name}
            say={(next) => change({ ...one, name: next })}
          />
          <FeelField label="FEEL" value={one.value} say={(next) => change({ ...one, value: next })} />
        </div>
      )}
    </Rows>
  );
}

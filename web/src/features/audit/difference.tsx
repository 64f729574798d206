import { wordsOf } from '../../ui/format.ts';

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown) =>
  value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

/** Before and after side by side, member by member: what differs first. */
export function Difference({ before, after }: { before: unknown; after: unknown }) {
  if (before === null && after === null) return <div className="t-dim">The entry holds no values.</div>;
  const [was, is] = [isMembers(before) ? before : {}, isMembers(after) ? after : {}];
  if (!isMembers(before ?? {}) || !isMembers(after ?? {}))
    return <pre className="json">{JSON.stringify({ before, after }, null, 2)}</pre>;
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const differs = (name: string) => JSON.stringify(was[name]) !== JSON.stringify(is[name]);
  const ordered = [...names.filter(differs), ...names.filter((name) => !differs(name))];
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Field</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        {ordered.map((name) => (
          <tr key={name} className={differs(name) ? undefined : 't-faint'}>
            <td>{wordsOf(name)}</td>
            <td className="wraps">{textOf(was[name])}</td>
            <td className="wraps">{differs(name) && name in was ? <b>{textOf(is[name])}</b> : textOf(is[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

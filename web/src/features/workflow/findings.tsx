import { IconAlertTriangle } from '@tabler/icons-react';
import { nodeName } from './model-nodes.ts';
import type { Finding, ProcessModel, Unsupported } from './shapes.ts';

/** What keeps a process from being published; the one that is picked shows its way on the diagram. */
export function Findings({
  model,
  items,
  at,
  pick,
}: {
  model: ProcessModel;
  items: readonly Finding[];
  at: number;
  pick(at: number): void;
}) {
  const nodes = new Set(model.body.nodes.map(({ id }) => id));
  return (
    <ul className="plain-list findings">
      {items.map(({ kind, message, path, elements }, place) => (
        <li key={`${kind} ${elements.join(' ')} ${message}`} className="notice" data-severity="block">
          <IconAlertTriangle size={15} aria-hidden="true" />
          <div className="grow">
            <button type="button" className="link-button" aria-pressed={place === at} onClick={() => pick(place)}>
              {message}
            </button>
            {path.length > 0 && (
              <div className="t-dim t-sm">
                The way there:{' '}
                {path
                  .filter((id) => nodes.has(id))
                  .map((id) => nodeName(model, id))
                  .join(' › ')}
              </div>
            )}
          </div>
          {place === at && <span className="tag">shown</span>}
        </li>
      ))}
    </ul>
  );
}

/** What a file says that is not executed, the worst first. */
export function Unexecuted({ items }: { items: readonly Unsupported[] }) {
  const worstFirst = items.toSorted((a, b) => Number(b.blocks) - Number(a.blocks));
  return (
    <table className="grid wrap">
      <thead>
        <tr>
          <th>Element</th>
          <th>Why</th>
          <th>Then</th>
        </tr>
      </thead>
      <tbody>
        {worstFirst.map(({ element, id, name, why, blocks }) => (
          <tr key={`${element} ${id} ${why}`}>
            <td>
              {name ?? id ?? ''} <span className="t-dim t-sm">{element}</span>
            </td>
            <td className="wraps">{why}</td>
            <td>
              {blocks ? <span className="neg">it is not published</span> : 'it is left out, and kept in the file'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

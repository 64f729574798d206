import { instantText } from '../../ui/format.ts';
import { Reach } from './reach.tsx';
import type { ReviewedKey, ReviewedProgram } from './shapes.ts';

/** Who made something, and whether they may still come in. */
function Maker({ name, active }: ReviewedKey['madeBy']) {
  return (
    <>
      {name} {!active && <span className="tag">no access</span>}
    </>
  );
}

function Key({ name, hint, madeBy, expiresAt, lastUsedAt, quarantined, rotate }: ReviewedKey) {
  return (
    <div>
      <b>{name}</b> <span className="t-faint">{hint}</span>
      {quarantined && <span className="tag">quarantined</span>}
      {rotate && (
        <span
          className="tag neg"
          title={`${madeBy.name} has read it and may not ${madeBy.active ? 'do any more what comes with it' : 'come in any more'}: rotate it or revoke it.`}
        >
          to be rotated
        </span>
      )}
      <div className="t-dim t-sm">
        until {instantText(expiresAt)} · {lastUsedAt ? `last used ${instantText(lastUsedAt)}` : 'never used'}
      </div>
    </div>
  );
}

/** What programs might do at the end of a day, who answers for them, and the keys that they had. */
export function ProgramsReview({ programs }: { programs: readonly ReviewedProgram[] }) {
  if (programs.length === 0)
    return (
      <p className="t-dim" style={{ margin: '0 12px' }}>
        No program had an account on that day.
      </p>
    );
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Program</th>
          <th>Made by</th>
          <th>Kept to</th>
          <th>Keys</th>
          <th className="right">Permissions</th>
          <th>So since</th>
        </tr>
      </thead>
      <tbody>
        {programs.map((one) => (
          <tr key={one.id}>
            <td>
              <b>{one.name}</b> {!one.active && <span className="tag">no access</span>}
            </td>
            <td>
              <Maker {...one.madeBy} />
              {one.orphaned && <div className="neg t-sm">Nobody answers for it: a member has to make it anew.</div>}
            </td>
            <td>
              <Reach scope={one.scope} limits={one.limits} />
            </td>
            <td>
              {one.keys.length === 0 ? (
                <span className="t-faint">none</span>
              ) : (
                one.keys.map((key) => <Key key={key.id} {...key} />)
              )}
            </td>
            <td className="right num" title={one.permissions.join(', ')}>
              {one.active ? one.permissions.length : 0}
            </td>
            <td className="num">{instantText(one.since)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

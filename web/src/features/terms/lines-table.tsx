import type { TermLine } from './shapes.ts';
import { kindWords, paymentWords, termText } from './words.ts';

const said = (line: TermLine | undefined) => JSON.stringify(line);

function Change({ line, before }: { line: TermLine; before: readonly TermLine[] }) {
  const known = before.find(({ code }) => code === line.code);
  if (said(known) === said(line)) return null;
  return <span className="tag">{known ? 'changed' : 'new'}</span>;
}

/** The lines of a version; against `before`, with what is new, changed or gone marked in words. */
export function LinesTable({
  lines,
  currency,
  before,
}: {
  lines: readonly TermLine[];
  currency: string;
  before?: readonly TermLine[];
}) {
  const gone = before?.filter(({ code }) => !lines.some((line) => line.code === code)) ?? [];
  return (
    <div className="grid-wrap">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Term</th>
            <th>Kind</th>
            <th>Rate</th>
            <th>Condition</th>
            <th>Paid</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.code}>
              <td>
                <b>{line.code}</b> {before && <Change line={line} before={before} />}
              </td>
              <td>{kindWords[line.kind]}</td>
              <td className="num">
                {termText(line, currency).map((text) => (
                  <div key={text}>{text}</div>
                ))}
                {line.tiers && (
                  <div className="t-dim t-sm">
                    {line.tiers.method === 'retroactive'
                      ? 'the reached rate on everything'
                      : 'each rate on its own band'}
                  </div>
                )}
              </td>
              <td className="t-dim">{line.condition ?? '–'}</td>
              <td>{paymentWords[line.payment]}</td>
            </tr>
          ))}
          {gone.map((line) => (
            <tr key={line.code} className="t-dim">
              <td>
                <s>{line.code}</s> <span className="tag">gone</span>
              </td>
              <td>{kindWords[line.kind]}</td>
              <td className="num">{termText(line, currency).join('; ')}</td>
              <td>{line.condition ?? '–'}</td>
              <td>{paymentWords[line.payment]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

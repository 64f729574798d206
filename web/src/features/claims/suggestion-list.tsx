import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ratioText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import type { Suggestion, Suggestions } from './shapes.ts';

function Proposal({
  one,
  first,
  modelVersion,
  accept,
  mayWrite,
}: {
  one: Suggestion;
  first: boolean;
  modelVersion: number;
  accept(): void;
  mayWrite: boolean;
}) {
  return (
    <div className="panel-body" style={{ borderTop: '1px solid var(--line)', padding: '8px 12px' }}>
      <div className="row spread">
        <span className="num" title="Probability by the model, among everything that was weighed">
          <CellValue of="items.confidence" row={{ ...one, modelVersion }} value={one.confidence} label="Confidence">
            <b>{ratioText(one.confidence, 0)}</b>
          </CellValue>{' '}
          <span className="t-dim t-sm">probable</span>
        </span>
        {mayWrite && (
          <Button size="compact-xs" variant={first ? 'filled' : 'default'} onClick={accept}>
            Match
            {first && (
              <span className="kbd" style={{ marginLeft: 6 }}>
                m
              </span>
            )}
          </Button>
        )}
      </div>
      {one.matches.map((match) => (
        <div className="row spread" key={match.tacticId}>
          <span>
            <Link to="/promotions/$id" params={{ id: match.promotionId }}>
              {match.promotionCode}
            </Link>{' '}
            <span className="t-dim">{wordsOf(match.mechanic)}</span>
          </span>
          <CellValue of="items.suggested" row={match} value={match.amount} label={`Part of ${match.promotionCode}`} />
        </div>
      ))}
      <div className="t-dim t-sm">{one.reasons.join(' · ')}</div>
    </div>
  );
}

/** What may answer for an item, the most probable first, with reasons. */
export function SuggestionList({
  suggestions,
  accept,
  mayWrite,
}: {
  suggestions: Suggestions;
  accept(one: Suggestion): void;
  mayWrite: boolean;
}) {
  const { proposed, abstained, noneConfidence, modelVersion } = suggestions;
  // What rounds to nothing is no help; where all do, the best few are still better than none.
  const likely = suggestions.items.filter(({ confidence }) => Number(confidence) >= 0.005);
  const items = likely.length > 0 ? likely : suggestions.items.slice(0, 3);
  return (
    <Panel
      title={proposed ? 'Suggested match' : 'No first suggestion'}
      aside={
        <span className="t-dim t-sm" title="Version 0 is built in; later ones learned from your own confirmed matches">
          model {modelVersion} · none of them{' '}
          <CellValue of="items.confidence" row={{ modelVersion }} value={noneConfidence} label="None of them">
            {ratioText(noneConfidence, 0)}
          </CellValue>
        </span>
      }
    >
      {abstained && <div className="panel-body t-dim">Nothing is proposed: {abstained}.</div>}
      {items.length === 0 && <Empty title="No tactic fits">Capture its reason, or send it to research.</Empty>}
      {items.map((one, at) => (
        <Proposal
          key={one.matches.map(({ tacticId }) => tacticId).join()}
          one={one}
          first={proposed && at === 0}
          modelVersion={modelVersion}
          accept={() => accept(one)}
          mayWrite={mayWrite}
        />
      ))}
    </Panel>
  );
}

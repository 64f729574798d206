import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Empty, Refusal } from '../../ui/screen.tsx';
import { type Badge, fit, type Marked, markDiagram, zoomBy } from '../workflow/diagram-canvas.ts';
import type { Finding } from '../workflow/shapes.ts';
import { AddAndConnect } from './add-and-connect.tsx';
import type { Standing } from './draw-process.tsx';
import { nameOf, palettePx } from './drawables.ts';
import { textOf } from './moddle-parts.ts';
import { Properties } from './properties.tsx';
import { drawingCheckQuery } from './queries.ts';
import { type Drawing, useDrawing } from './use-drawing.ts';

/** Everything that is wrong stands out, and the way that shows the one that is picked. */
function markedBy(findings: readonly Finding[], shown: Finding | undefined): Marked {
  const wrong = new Map(findings.flatMap(({ elements, message }) => elements.map((id) => [id, message] as const)));
  const way = (shown?.path ?? []).filter((id) => !wrong.has(id));
  return {
    marks: [
      ...way.map((id) => ({ id, mark: 'way' as const })),
      ...[...wrong.keys()].map((id) => ({ id, mark: 'wrong' as const })),
    ],
    badges: [...wrong].map(([node, title]): Badge => ({ node, text: '!', title, mark: 'wrong' })),
  };
}

function FindingsList({
  drawing,
  items,
  shown,
  show,
}: {
  drawing: Drawing;
  items: readonly Finding[];
  shown: Finding | undefined;
  show(finding: Finding): void;
}) {
  const registry = drawing.services.get('elementRegistry');
  const wayOf = ({ path }: Finding) =>
    path
      .flatMap((id) => registry.get(id) ?? [])
      .filter(({ source }) => !source)
      .map(nameOf)
      .join(' › ');
  /** Flows have ids that nobody gave them: they are called by their ends. */
  const wordsOf = ({ message }: Finding) =>
    message.replace(/"([\w.-]+)"/g, (quoted, id: string) => {
      const element = registry.get(id);
      return element?.source ? `"${nameOf(element)}"` : quoted;
    });
  return (
    <ul className="plain-list findings" aria-label="Findings">
      {items.map((finding) => (
        <li key={`${finding.elements.join()} ${finding.message}`} className="notice" data-severity="block">
          <IconAlertTriangle size={15} aria-hidden />
          <div className="grow">
            <button
              type="button"
              className="link-button"
              aria-pressed={finding === shown}
              onClick={() => {
                show(finding);
                drawing.pick(finding.elements[0] ?? null);
              }}
            >
              {wordsOf(finding)}
            </button>
            {finding.path.length > 0 && <div className="t-dim t-sm">The way there: {wayOf(finding)}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function ToolButton({
  label,
  isOff,
  act,
  children,
}: {
  label: string;
  isOff: boolean;
  act(): void;
  children: ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={28} aria-label={label} disabled={isOff} onClick={act}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function CanvasTools({ drawing }: { drawing: Drawing }) {
  const stack = drawing.services.get('commandStack');
  const canvas = drawing.services.get('canvas');
  return (
    <div className="bpmn-zoom draw-tools">
      <ToolButton label="Undo (Ctrl Z)" isOff={!stack.canUndo()} act={() => stack.undo()}>
        <IconArrowBackUp size={16} />
      </ToolButton>
      <ToolButton label="Redo (Ctrl Y)" isOff={!stack.canRedo()} act={() => stack.redo()}>
        <IconArrowForwardUp size={16} />
      </ToolButton>
      <button type="button" className="bpmn-button" aria-label="Zoom out" onClick={() => zoomBy(canvas, 1 / 1.25)}>
        −
      </button>
      <button type="button" className="bpmn-button" aria-label="Zoom in" onClick={() => zoomBy(canvas, 1.25)}>
        +
      </button>
      <button type="button" className="bpmn-button" onClick={() => fit(canvas, palettePx)}>
        Fit
      </button>
    </div>
  );
}

/** The drawing board: the canvas, the fields of what is picked, and what keeps the process from being published. */
export default function Editor({
  begun,
  isBegunKept,
  extension,
  stands,
  keep,
}: {
  begun: string;
  isBegunKept: boolean;
  extension: object;
  stands(standing: Standing): void;
  /** Keeps a file as a draft; `done` once it is kept. */
  keep(bpmn: string, done: () => void): Promise<unknown>;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const { drawing, failure, xml, isResting, latest } = useDrawing(holder, begun, extension);
  const [keptXml, setKeptXml] = useState<string | null>(null);
  const [isKeeping, setKeeping] = useState(false);
  // What was begun with, as it is written here: the file's own spelling may differ.
  const first = useRef('');
  if (first.current === '') first.current = xml;
  const isUnchanged = isResting && xml === (keptXml ?? first.current);
  const isKept = isUnchanged && (isBegunKept || keptXml !== null);
  const checked = useQuery(drawingCheckQuery(xml));
  const [process] = checked.data ?? [];
  const isChecked = isResting && checked.isSuccess && !checked.isFetching && !checked.isPlaceholderData;
  const findings = useMemo(() => (checked.data ?? []).flatMap((one) => one.findings), [checked.data]);
  const [at, setAt] = useState<string | null>(null);
  const shown = findings.find(({ message }) => message === at) ?? findings[0];
  const title = textOf(drawing?.process.name) ?? '';
  const hash = isChecked ? (process?.hash ?? null) : null;
  useEffect(() => {
    // A new drawing that nobody touched is nothing to keep.
    stands({ title: title || 'Draw a process', hash, isKept: isKept || isUnchanged });
  }, [stands, title, hash, isKept, isUnchanged]);
  const services = drawing?.services;
  const marked = useMemo(() => markedBy(findings, shown), [findings, shown]);
  useEffect(() => (services ? markDiagram(services, marked) : undefined), [services, marked]);
  const save = async () => {
    setKeeping(true);
    const written = await latest();
    await keep(written, () => setKeptXml(written)).catch(() => undefined);
    setKeeping(false);
  };
  const unexecuted = (checked.data ?? []).flatMap((one) => one.unsupported.filter(({ blocks }) => !blocks));
  if (failure) return <Empty title="This file cannot be drawn">{failure}</Empty>;
  return (
    <div className="draw">
      <div className="bpmn draw-board">
        {drawing && <CanvasTools drawing={drawing} />}
        <section className="bpmn-canvas" ref={holder} aria-label="Drawing board" aria-busy={drawing === null} />
      </div>
      <aside className="draw-side" aria-label="What is picked">
        <div className="draw-fields">
          {drawing && <AddAndConnect drawing={drawing} />}
          {drawing && <Properties drawing={drawing} />}
        </div>
        <div className="draw-findings">
          <div className="row spread">
            <h2>Findings</h2>
            <span className="t-dim t-sm" role="status">
              {checked.error ? '' : !isChecked ? 'looking …' : findings.length > 0 ? `${findings.length} to mend` : ''}
            </span>
          </div>
          {checked.error && <Refusal error={checked.error} />}
          {isChecked && findings.length === 0 && (
            <div className="notice t-dim">
              <IconCircleCheck size={15} aria-hidden /> Nothing keeps it from being published.
            </div>
          )}
          {drawing && (
            <FindingsList drawing={drawing} items={findings} shown={shown} show={(one) => setAt(one.message)} />
          )}
          {unexecuted.length > 0 && (
            <div className="t-dim t-sm">
              Kept as it is drawn, not executed:{' '}
              {[...new Set(unexecuted.map(({ name, id, element }) => name ?? id ?? element))].join(', ')}
            </div>
          )}
          <Button fullWidth disabled={isKept} loading={isKeeping} onClick={() => void save()}>
            Save as a draft
          </Button>
        </div>
      </aside>
    </div>
  );
}

import { type PointerEvent, useRef } from 'react';
import type { PromotionRow } from '../../api/promotion-shapes.ts';
import { movedBy, rangeText, wordsOf } from '../../ui/format.ts';
import type { Dates } from './move-card.tsx';

const initials: Record<string, string> = {
  scan_back: 'SB',
  bill_back: 'BB',
  off_invoice: 'OI',
  temporary_price_reduction: 'TPR',
  feature: 'F',
  display: 'D',
  demo: 'DE',
  co_op: 'CO',
};

interface BarProps {
  promotion: PromotionRow;
  mechanics: readonly string[];
  left: number;
  width: number;
  top: number;
  dayWidthPx: number;
  current: boolean;
  moving: boolean;
  movable: boolean;
  pick(): void;
  /** Called while dragging, with dates in steps of whole weeks. */
  move(dates: Dates): void;
}

/** A promotion on the calendar; a draft can be dragged by whole weeks. */
export function Bar({
  promotion,
  mechanics,
  left,
  width,
  top,
  dayWidthPx,
  current,
  moving,
  movable,
  pick,
  move,
}: BarProps) {
  const from = useRef<number | null>(null);
  const dragged = useRef(0);
  const down = (event: PointerEvent<HTMLButtonElement>) => {
    if (!movable || event.button !== 0) return;
    from.current = event.clientX;
    dragged.current = 0;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    if (from.current === null) return;
    const weeks = Math.round((event.clientX - from.current) / (dayWidthPx * 7));
    if (weeks === dragged.current) return;
    dragged.current = weeks;
    pick();
    move({ startsOn: movedBy(promotion.startsOn, weeks * 7), endsOn: movedBy(promotion.endsOn, weeks * 7) });
  };
  const words = mechanics.map(wordsOf).join(', ');
  const label = `${promotion.name}, ${wordsOf(promotion.state)}${words ? `, ${words}` : ''}, ${rangeText(promotion.startsOn, promotion.endsOn)}`;
  return (
    <button
      type="button"
      className="cal-bar"
      data-state={promotion.state}
      data-moving={moving}
      aria-current={current}
      aria-label={label}
      title={label}
      style={{ left, width, top }}
      onClick={pick}
      onPointerDown={down}
      onPointerMove={drag}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    >
      {mechanics.map((mechanic) => (
        <span className="mech" key={mechanic}>
          {initials[mechanic] ?? mechanic.slice(0, 2).toUpperCase()}
        </span>
      ))}
      <span className="cut">{promotion.name}</span>
    </button>
  );
}

import { dateText, daysBetween, today } from '../../ui/format.ts';
import type { PrivacyRequest } from './shapes.ts';

/** The day a request is due, and how long that is from now. */
export function Due({ request }: { request: PrivacyRequest }) {
  if (request.state !== 'open') return <span className="t-dim">{dateText(request.dueOn)}</span>;
  const days = daysBetween(today(), request.dueOn);
  const left = days < 0 ? `${-days} days late` : days === 0 ? 'today' : `in ${days} days`;
  return (
    <>
      {dateText(request.dueOn)} <span className={days <= 7 ? 'neg' : 't-dim'}>{left}</span>
    </>
  );
}

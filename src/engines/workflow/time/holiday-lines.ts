import { type FieldError, Problem } from '#problem';
import type { Hours, SpecialDay } from './business-calendar.ts';

const clock = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const hoursPattern = new RegExp(`^(${clock})\\s*[-–]\\s*(${clock}|24:00)$`);

function readHours(text: string): SpecialDay['hours'] | null {
  if (text === '') return 'closed';
  if (/^half( day)?$/i.test(text)) return 'half';
  const parts = text.split(',').map((part) => hoursPattern.exec(part.trim()));
  return parts.every((part) => part !== null) ? parts.map(([, from, to]): Hours => ({ from: from!, to: to! })) : null;
}

function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // A day that the month lacks is read as one of the next month.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** A line as a day, or what is wrong with it. */
function readLine(line: string): SpecialDay | string {
  const [date = '', name = '', hoursText = '', ...rest] = line.split(/[;\t]/).map((cell) => cell.trim());
  if (!isDate(date)) return 'must begin with a date: 2026-12-25';
  if (name === '' || name.length > 200 || /\p{C}/u.test(name))
    return 'must name the day after the date: 2026-12-25; Christmas Day';
  const hours = readHours(hoursText);
  if (!hours || rest.length > 0) return 'must end with nothing, with "half", or with hours: 09:00-13:00';
  return { date, name, hours };
}

/**
 * Days from lines `date; name; half`: closed without a third cell, open for the first half of the weekday's hours with
 * `half`, or for the hours it gives (`09:00-13:00`). A first line that begins with `date` is a header. Throws
 * `request.malformed` that names every line that cannot be read.
 */
export function readHolidayLines(text: string): SpecialDay[] {
  const errors: FieldError[] = [];
  const days: SpecialDay[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (at === 0 && /^\s*date\s*[;\t]/i.test(line))) continue;
    const day = readLine(line);
    if (typeof day === 'string') errors.push({ path: `lines.${at}`, message: `line ${at + 1} ${day}` });
    else days.push(day);
  }
  if (days.length === 0 && errors.length === 0) errors.push({ path: 'lines', message: 'must hold a line' });
  if (errors.length > 0) throw new Problem('request.malformed', { errors: errors.slice(0, 50) });
  return days;
}

/** Days with others put in; a date that is there already takes what the other says. */
export function mergeDays(days: readonly SpecialDay[], others: readonly SpecialDay[]): SpecialDay[] {
  const byDate = new Map([...days, ...others].map((day) => [day.date, day]));
  return [...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

import { Problem } from '#problem';

/** An ISO 8601 duration in the three sorts that a business calendar tells apart. */
export interface Duration {
  /** Years and months. */
  months: number;
  weeks: number;
  days: number;
  /** Hours, minutes and seconds. */
  timeMs: number;
}

const pattern =
  /^P(?=\d|T)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;

/** Reads an ISO 8601 duration without a sign; Problem `request.malformed` for anything else. */
export function readDuration(text: string): Duration {
  const match = pattern.exec(text);
  if (!match) {
    throw new Problem('request.malformed', {
      detail: `"${text.slice(0, 60)}" is not a duration: write days as P2D, hours as PT8H, minutes as PT30M (ISO 8601).`,
    });
  }
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1, 8)
    .map((digits) => Number(digits ?? 0));
  const milliseconds = Number((match[8] ?? '').padEnd(3, '0'));
  return {
    months: years * 12 + months,
    weeks,
    days,
    timeMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds,
  };
}

import { zoneOffsetMs } from '#clock';

/** Milliseconds of a day on a clock that does not change. */
export const dayMs = 86_400_000;

/** The instant in (before, after] from which on the zone's offset is another one than at `before`. */
function changeBetween(timeZone: string, before: number, after: number): number {
  const offset = zoneOffsetMs(timeZone, before);
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffsetMs(timeZone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The instant at which a zone's clock shows a wall time (milliseconds since 1970 as if in UTC). A time that comes twice
 * is its first coming; one that the clock jumps over is the jump: later wall times never come earlier.
 */
export function instantOfWall(timeZone: string, wallMs: number): number {
  const before = zoneOffsetMs(timeZone, wallMs - dayMs);
  const after = zoneOffsetMs(timeZone, wallMs + dayMs);
  const [first, second] = [wallMs - before, wallMs - after];
  if (before === after || zoneOffsetMs(timeZone, first) === before) return first;
  if (zoneOffsetMs(timeZone, second) === after) return second;
  return changeBetween(timeZone, second, first);
}

/**
 * What a zone's clock shows at an instant, as {@link instantOfWall} takes it. An hour that comes twice counts once: all
 * of its second coming stands at its end, so that later instants never show earlier times.
 */
export function wallOfInstant(timeZone: string, instant: number): number {
  const wall = instant + zoneOffsetMs(timeZone, instant);
  const first = instantOfWall(timeZone, wall);
  if (first >= instant) return wall;
  const change = changeBetween(timeZone, first, instant);
  return change + zoneOffsetMs(timeZone, first);
}

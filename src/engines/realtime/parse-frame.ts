import type { RawData } from 'ws';
import { Problem } from '#problem';
import type { AnyChannel } from './channel.ts';
import { type ClientFrame, clientFrame } from './protocol.ts';

/** What PostgreSQL's jsonb refuses, as JSON writes it: NUL and half a surrogate pair. */
const notText = /\\u(?:0000|d[89a-f])/i;

/** The filters of a subscription to a channel; throws `request.malformed`. */
export function parseFilters(channel: AnyChannel, filters: unknown): unknown {
  if (notText.test(JSON.stringify(filters ?? {}))) {
    throw new Problem('request.malformed', { errors: [{ path: 'filters', message: 'must not hold NUL' }] });
  }
  const parsed = channel.filters.safeParse(filters ?? {});
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, 5).map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Problem('request.malformed', { errors });
}

/** A frame, or what is wrong with it; the id where it has one. */
type ParsedFrame =
  | { frame: ClientFrame; id: string | undefined; problem?: undefined }
  | { frame?: undefined; id: string | undefined; problem: Problem };

/** Reads a client frame. */
export function parseFrame(data: RawData, isBinary: boolean): ParsedFrame {
  if (isBinary)
    return { id: undefined, problem: new Problem('request.malformed', { detail: 'Frames are JSON text.' }) };
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (cause) {
    return { id: undefined, problem: new Problem('request.malformed', { detail: 'The frame is not JSON.', cause }) };
  }
  const given = (value as { id?: unknown } | null)?.id;
  const id = typeof given === 'string' && given.length <= 64 ? given : undefined;
  const parsed = clientFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data, id };
  const errors = parsed.error.issues.slice(0, 5).map(({ path, message }) => ({ path: path.join('.'), message }));
  return { id, problem: new Problem('request.malformed', { errors }) };
}

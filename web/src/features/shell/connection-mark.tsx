import { useConnection } from '../../live/use-live.ts';

const connectionWords = { live: 'Live', connecting: 'Connecting…', offline: 'Not live: reconnecting' };

/** The state of the live connection, in a dot and a word. */
export function ConnectionMark() {
  const connection = useConnection();
  return (
    <span className="conn" data-state={connection} role="status">
      <i aria-hidden="true" />
      {connectionWords[connection]}
    </span>
  );
}

import { Button } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Empty, Refusal } from '../../ui/screen.tsx';

/** An address that leads nowhere. */
export function Lost() {
  return (
    <Empty title="There is no page at this address">
      The link may be old. <Link to="/work">Go to My work</Link>
    </Empty>
  );
}

/** A screen that failed to draw. */
export function ScreenFailed({ error, reset }: ErrorComponentProps) {
  return (
    <div style={{ padding: 16 }}>
      <Refusal error={error} />
      <Button mt={8} variant="default" onClick={() => location.reload()}>
        Reload the page
      </Button>{' '}
      <Button mt={8} variant="default" onClick={reset}>
        Try again
      </Button>
    </div>
  );
}

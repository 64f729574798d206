import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { saveFile } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

/** Everything that the product holds of oneself, as a file. */
export function OwnData() {
  const once = useOneAtATime();
  const take = useMutation({
    mutationFn: (kind: 'access' | 'portability') => saveFile('/auth/personal-data', { method: 'POST', body: { kind } }),
    onSuccess: () => sayDone('Your data is saved'),
  });
  return (
    <Panel title="Your data">
      <div className="panel-body stack">
        <div className="t-dim">
          What is held of you, as JSON and CSV, with why and for how long; or only what you gave us, to take elsewhere.
          To have something corrected or erased, ask whoever answers for privacy in your company.
        </div>
        {take.error && <Refusal error={take.error} />}
        <div className="row">
          <Button variant="default" loading={take.isPending} onClick={() => once(() => take.mutateAsync('access'))}>
            Everything held of me
          </Button>
          <Button
            variant="default"
            disabled={take.isPending}
            onClick={() => once(() => take.mutateAsync('portability'))}
          >
            What I gave
          </Button>
        </div>
      </div>
    </Panel>
  );
}

import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { ProcessVersion } from './shapes.ts';

/** Asks before a version comes into force, and shows why it does not. */
export function PublishProcess({
  version,
  inForce,
  close,
}: {
  version: ProcessVersion;
  inForce: ProcessVersion | undefined;
  close(): void;
}) {
  return (
    <FormDialog
      title={`Publish: ${version.title}, version ${version.version}`}
      confirm="Publish"
      send={() => request(`/workflows/processes/${version.id}/publish`, { method: 'POST' })}
      refresh={['workflow']}
      done={() => sayDone('Published', `${version.title}, version ${version.version}`)}
      close={close}
    >
      <div>
        {inForce
          ? `Version ${inForce.version} is retired by it. What runs on that one goes on as it began; what starts from now on takes this one.`
          : 'What starts from now on takes this version.'}
      </div>
    </FormDialog>
  );
}

/** Asks before a version goes out of force. */
export function RetireProcess({ version, close }: { version: ProcessVersion; close(): void }) {
  return (
    <FormDialog
      title={`Retire: ${version.title}, version ${version.version}`}
      confirm="Retire"
      dangerous
      send={() => request(`/workflows/processes/${version.id}/retire`, { method: 'POST' })}
      refresh={['workflow']}
      done={() => sayDone('Retired', `${version.title}, version ${version.version}`)}
      close={close}
    >
      <div>Nothing new begins on it. What runs goes on, and the version can be published again.</div>
    </FormDialog>
  );
}

import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayForce } from './asked-force.tsx';
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
      send={() => request<ProcessVersion>(`/workflows/processes/${version.id}/publish`, { method: 'POST' })}
      refresh={['workflow']}
      done={(answer) => sayForce('publish', answer)}
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
      send={() => request<ProcessVersion>(`/workflows/processes/${version.id}/retire`, { method: 'POST' })}
      refresh={['workflow']}
      done={(answer) => sayForce('retire', answer)}
      close={close}
    >
      <div>
        Nothing new begins on it; where a process of its code comes with the product, that one is in force again. What
        runs goes on. Where two may design, somebody else says yes to it first.
      </div>
    </FormDialog>
  );
}

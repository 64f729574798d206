import { Link } from '@tanstack/react-router';
import { Panel } from '../../ui/screen.tsx';
import type { InstanceDetail } from './shapes.ts';
import { Timeline } from './timeline.tsx';
import { VariableValues } from './variable-values.tsx';

/** What whoever decides a task of a drawn process looks at: who decided what before, and `variables`, where no evidence holds them. */
export function InstanceEvidence({ instance, variables }: { instance: InstanceDetail; variables: boolean }) {
  return (
    <div className={variables ? 'two' : undefined} style={{ marginTop: 12 }}>
      <Panel
        title="What happened"
        aside={
          <Link to="/workflow/instances/$id" params={{ id: instance.id }}>
            On the diagram
          </Link>
        }
      >
        <Timeline instance={instance} />
      </Panel>
      {variables && (
        <Panel title="What is known" className="scrolls">
          <VariableValues variables={instance.variables} />
        </Panel>
      )}
    </div>
  );
}

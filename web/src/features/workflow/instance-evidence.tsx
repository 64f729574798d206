import { Link } from '@tanstack/react-router';
import { Panel } from '../../ui/screen.tsx';
import type { InstanceDetail } from './shapes.ts';
import { Timeline } from './timeline.tsx';
import { VariableValues } from './variable-values.tsx';

/** What whoever decides a task of a drawn process looks at: its variables, and who decided what before. */
export function InstanceEvidence({ instance }: { instance: InstanceDetail }) {
  return (
    <div className="two" style={{ marginTop: 12 }}>
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
      <Panel title="Variables" className="scrolls">
        <VariableValues variables={instance.variables} />
      </Panel>
    </div>
  );
}

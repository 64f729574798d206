import { wordsOf } from '../../ui/format.ts';
import type { ModelNode, ProcessModel } from './shapes.ts';

/** Every node of a process, those of its sub-processes too. */
export function nodesOf({ body }: Pick<ProcessModel, 'body'>): ModelNode[] {
  return body.nodes.flatMap((node) => (node.body ? [node, ...nodesOf({ body: node.body })] : [node]));
}

/** What people call an element: its name, else its id. */
export function nodeName(model: ProcessModel, id: string): string {
  return nodesOf(model).find((node) => node.id === id)?.name ?? wordsOf(id.replaceAll('-', ' '));
}

import { z } from 'zod';
import { type AnyRoute, route } from '#http';
import { permissions } from '#module';
import { extension } from '../definitions/bpmn-extension.ts';
import { hashModel } from '../definitions/hash-model.ts';
import { variableTypes } from '../definitions/process-model.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { designing } from '../versions/version-routes.ts';
import { checkProcess } from './check-process.ts';
import { modelsOf } from './draft-process.ts';
import { draftSourceSchema } from './draft-source.ts';

/** What of a file is not executed as it stands there. */
export const unsupportedSchema = z.array(
  z.object({
    ...{ element: z.string(), id: z.string().nullable(), name: z.string().nullable() },
    ...{ why: z.string(), blocks: z.boolean() },
  }),
);

/** What keeps a process from being published, each with the way that shows it: ids of nodes and flows. */
export const findingsSchema = z.array(
  z.object({ kind: z.string(), elements: z.array(z.string()), path: z.array(z.string()), message: z.string() }),
);

/** What an editor of processes asks while somebody draws. */
export const drawingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/processes/vocabulary', ...designing },
    summary:
      'What a drawn process may name: our elements in BPMN (as moddle describes them), effects, permissions, types',
    answers: {
      200: z.object({
        extension: z.record(z.string(), z.unknown()),
        effects: z.array(
          z.object({
            ...{ name: z.string(), title: z.string(), answers: z.enum(variableTypes).nullable() },
            inputs: z.array(
              z.object({
                ...{ name: z.string(), title: z.string(), type: z.enum(variableTypes), required: z.boolean() },
              }),
            ),
          }),
        ),
        ...{ permissions: z.array(z.string()), variableTypes: z.array(z.string()) },
      }),
    },
    handle: async () => ({
      body: {
        extension,
        effects: Object.entries(workflowParts().effects)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, { title, answers, inputs }]) => ({
            ...{ name, title, answers },
            inputs: Object.entries(inputs).map(([input, { required = false, ...of }]) => ({
              name: input,
              required,
              ...of,
            })),
          })),
        permissions: [...permissions],
        variableTypes: [...variableTypes],
      },
    }),
  }),
  route({
    ...{ method: 'POST', path: '/workflows/processes/check', ...designing },
    summary:
      'Look processes through that are not kept, of a BPMN 2.0 file or of steps: what keeps each from being published',
    body: draftSourceSchema,
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            ...{ code: z.string(), title: z.string(), hash: z.string() },
            ...{ unsupported: unsupportedSchema, findings: findingsSchema },
          }),
        ),
      }),
    },
    handle: async (_context, { body }) => {
      const items = (await modelsOf(body)).map((model) => ({
        ...{ code: model.code, title: model.title, hash: hashModel(model) },
        ...{ unsupported: [...(model.unsupported ?? [])], findings: checkProcess(model) },
      }));
      return { body: { items } };
    },
  }),
];

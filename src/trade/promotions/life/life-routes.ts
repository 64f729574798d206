import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, idParams, noteSchema, route } from '#http';
import type { Promotion } from '../domain/promotion.ts';
import type { PromotionPorts } from '../ports.ts';
import { answerPromotion } from '../promotion-answers.ts';
import { promotionSchema } from '../promotion-schemas.ts';
import { cancelPromotion } from './cancel-promotion.ts';
import { holdPromotion, recallPromotion, resumePromotion } from './change-state.ts';
import { closePromotion } from './close-promotion.ts';
import { submitPromotion } from './submit-promotion.ts';

const reasonBody = z.strictObject({ reason: noteSchema.min(1) });

/** An action on a promotion that takes no body beyond a comment. */
function action(
  name: string,
  summary: string,
  access: AnyRoute['access'],
  perform: (context: Context, id: string, ifMatch: number | undefined) => Promise<Promotion>,
): AnyRoute {
  return route({
    method: 'POST',
    path: `/promotions/:id/${name}`,
    summary,
    access,
    params: idParams,
    answers: { 200: promotionSchema },
    handle: async (context, { params, ifMatch }) => answerPromotion(await perform(context, params.id, ifMatch)),
  });
}

/** An action on a promotion that must say why. */
function reasoned(
  name: string,
  summary: string,
  access: AnyRoute['access'],
  perform: (context: Context, id: string, ifMatch: number | undefined, reason: string) => Promise<Promotion>,
): AnyRoute {
  return route({
    method: 'POST',
    path: `/promotions/:id/${name}`,
    summary,
    access,
    params: idParams,
    body: reasonBody,
    answers: { 200: promotionSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answerPromotion(await perform(context, params.id, ifMatch, body.reason)),
  });
}

/** What moves a promotion through its life. */
export const lifeRoutes = (ports: PromotionPorts): AnyRoute[] => [
  action('submit', 'Submit a draft: reserves fund money and starts the approval', 'promotions:update', submitPromotion),
  route({
    method: 'POST',
    path: '/promotions/:id/recall',
    summary: 'Take one’s own submission back',
    access: 'promotions:update',
    params: idParams,
    body: z.strictObject({ comment: noteSchema.default('') }).optional(),
    answers: { 200: promotionSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answerPromotion(await recallPromotion(context, params.id, ifMatch, body?.comment ?? '')),
  }),
  reasoned('cancel', 'Cancel a promotion and release its money', 'promotions:cancel', cancelPromotion),
  reasoned('hold', 'Put an approved or active promotion on hold', 'promotions:update', holdPromotion),
  action('resume', 'End a hold', 'promotions:update', resumePromotion),
  action(
    'close',
    'Close an ended promotion and release what it has not earned; 422 while tactics owe or are claimed',
    'promotions:update',
    (context, id, ifMatch) => closePromotion(context, ports, id, ifMatch),
  ),
];

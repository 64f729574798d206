import type { Breach } from './shapes.ts';

/** How bad a breach is for those whom it concerns, in words. */
export const riskWords: Record<Breach['risk'], string> = {
  unknown: 'Not assessed yet',
  unlikely: 'Unlikely',
  risk: 'A risk: tell the authority',
  high: 'High: tell those concerned too',
};

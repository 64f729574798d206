import type { Figure } from '#figure';
import type { FigureName } from './event-figure.ts';

/** Which of the letters in formulas are figures of the same event. */
const figureOfLetter: Readonly<Record<string, FigureName>> = {
  I: 'incrementalVolume',
  S: 'eventSpend',
  dip: 'dipContribution',
  cannibalisation: 'cannibalisationContribution',
  halo: 'haloContribution',
};

/** Where the figures of one event are answered, and what lies behind them; paths of the API. */
export interface EventPlace {
  /** The answer that holds them under `figures`. */
  answer: string;
  /** Lists the weeks behind the volumes. */
  weeks: string;
  /** Lists what each tactic costs, and the place of the figure of the tactic with a number, where that is told. */
  tactics?: { rows: string; figure(place: number): string | undefined } | undefined;
}

/** An event's figures with the way to their rows, and from inputs that are figures to those. */
export function openEventFigures(
  figures: Partial<Record<string, Figure>>,
  { answer, weeks, tactics }: EventPlace,
): Partial<Record<string, Figure>> {
  const opened = Object.entries(figures).flatMap(([name, figure]) => {
    if (!figure) return [];
    const ofTactics = name === 'eventSpend' && tactics;
    const inputs = figure.inputs.map((input, place) => {
      const letter = figureOfLetter[input.name];
      if (letter && figures[letter]) return { ...input, figure: `${answer}#/figures/${letter}` };
      const ofTactic = ofTactics ? ofTactics.figure(place) : undefined;
      return ofTactic ? { ...input, figure: ofTactic } : input;
    });
    const rows = ofTactics ? { rows: ofTactics.rows, sumOf: 'spend' } : name === 'eventSpend' ? {} : { rows: weeks };
    return [[name, { ...figure, inputs, ...rows }] as const];
  });
  return Object.fromEntries(opened);
}

import { useState } from 'react';
import { useTrend } from '../data/use-trend.ts';
import { type Choices, keepChoices, keptChoices, likelyGoal, likelyPayment, likelySteps } from './choices.ts';
import { askedRange, type Range } from './range.ts';

const TYPES_MAX = 100;

/** The types of events in a range, most frequent first; undefined until they are known. */
export const useTypes = (range: Range): readonly string[] | undefined => {
  const { answer } = useTrend({
    kind: 'trend',
    by: ['type'],
    top: TYPES_MAX,
    interval: 'total',
    range: askedRange(range),
  });
  return answer?.series.flatMap(({ group }) => group?.['type'] ?? []);
};

/** What is taken for a conversion and so on: what was chosen, else what is likely; and how to choose. */
export interface Chosen {
  readonly goal: string | undefined;
  readonly payment: string | undefined;
  readonly steps: readonly string[];
  readonly actor: 'user' | 'session';
  readonly types: readonly string[];
  readonly choose: (choices: Choices) => void;
}

/** Choices of a project, kept in this browser. Undefined while it is not known what there is. */
export const useChoices = (project: string, range: Range): Chosen | undefined => {
  const types = useTypes(range);
  const [chosen, setChosen] = useState<Choices>(() => keptChoices(project));
  if (types === undefined) return undefined;
  return {
    types,
    goal: chosen.goal ?? likelyGoal(types),
    payment: chosen.payment ?? likelyPayment(types),
    steps: chosen.steps ?? likelySteps(types),
    actor: chosen.actor ?? 'session',
    choose: (choices) => {
      // Another part of the page may have kept something meanwhile.
      const next = { ...chosen, ...keptChoices(project), ...choices };
      setChosen(next);
      keepChoices(project, next);
    },
  };
};

import { useCallback, useMemo, useState } from 'react';
import { useTrend } from '../data/use-trend.ts';
import { useSame } from '../lib/use-same.ts';
import { type Choices, keepChoices, keptChoices, likelyGoal, likelyPayment, likelySteps } from './choices.ts';
import { askedRange, type Range } from './range.ts';

const TYPES_MAX = 100;

/** The types of events in a range, most frequent first, as soon as they are known. */
const useTypes = (
  range: Range,
): { readonly types: readonly string[] | undefined; readonly error: string | undefined } => {
  const { answer, error } = useTrend({
    kind: 'trend',
    by: ['type'],
    top: TYPES_MAX,
    interval: 'total',
    range: askedRange(range),
  });
  return { types: answer?.series.flatMap(({ group }) => group?.['type'] ?? []), error };
};

/** What is taken for a conversion and so on: what was chosen, else what is likely; and how to choose. */
export interface Chosen {
  readonly goal: string | undefined;
  readonly payment: string | undefined;
  readonly steps: readonly string[];
  readonly actor: 'user' | 'session';
  readonly choose: (choices: Choices) => void;
}

/** Choices of a project, kept in this browser. Nothing is chosen while it is not known what there is; the error says why not, if it was tried in vain. */
export const useChoices = (
  project: string,
  range: Range,
): { readonly chosen: Chosen | undefined; readonly error?: string | undefined } => {
  const { types, error } = useTypes(range);
  const [chosen, setChosen] = useState<Choices>(() => keptChoices(project));
  const choose = useCallback(
    (choices: Choices): void => {
      // Another part of the page may have kept something meanwhile.
      const next = { ...chosen, ...keptChoices(project), ...choices };
      setChosen(next);
      keepChoices(project, next);
    },
    [chosen, project],
  );
  // Numbers of types change every second, and what is chosen hardly ever.
  const taken = useSame(
    types === undefined
      ? undefined
      : {
          goal: chosen.goal ?? likelyGoal(types),
          payment: chosen.payment ?? likelyPayment(types),
          steps: chosen.steps ?? likelySteps(types),
          actor: chosen.actor ?? 'session',
        },
  );
  const all = useMemo(() => (taken === undefined ? undefined : { ...taken, choose }), [taken, choose]);
  return all === undefined ? { chosen: undefined, error } : { chosen: all };
};

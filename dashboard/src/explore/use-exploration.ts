import { useCallback, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import type { DisplayInput } from '../insight/display.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { useStore } from '../lib/use-store.ts';
import type { Question } from './kinds.ts';
import { startOf } from './kinds.ts';
import { addressedIn, addressOf } from './question-address.ts';
import { questionFrom } from './question-shape.ts';

/** What is explored: a question, and how its answer is drawn. */
export interface Exploration {
  /** As the forms show it. */
  readonly question: Question;
  /** As it is asked: what is being picked is asked when it stands still. */
  readonly asked: Question;
  readonly display: DisplayInput;
  /** Why the address holds no question. */
  readonly trouble: string | undefined;
  readonly change: (question: Question) => void;
  readonly show: (display: DisplayInput) => void;
  /** Takes the place of everything, at once. */
  readonly replace: (question: Question, display: DisplayInput) => void;
}

/** So long nothing is picked before it is asked. */
const SETTLED_MS = 350;

const FIRST = startOf('trend');

/** A question that was picked and is not in the address yet, and what was there meanwhile. */
interface Draft {
  readonly question: Question;
  readonly display: DisplayInput;
  readonly over: string;
}

/** What is explored, kept in the address: each step can be undone by the back button, and the address can be sent. */
export const useExploration = (saved: InsightAnswer | undefined): Exploration => {
  const search = useStore(addressStore);
  const addressed = useMemo(() => addressedIn(search), [search]);
  const [draft, setDraft] = useState<Draft>();
  const base = questionFrom(saved?.question) ?? FIRST;
  const asked = addressed.question ?? base;
  const shownAs = addressed.display ?? saved?.display ?? NO_DISPLAY;
  // Going back, or opening something else, takes the place of what was being picked.
  const live = draft !== undefined && draft.over === search ? draft : undefined;
  const write = useEffectEvent((next: Draft): void => {
    changeAddress(addressOf(next.question, next.display), { isStep: true });
    // Else it would be there again when somebody goes back.
    setDraft(undefined);
  });
  useEffect(() => {
    if (live === undefined) return;
    const timer = setTimeout(() => write(live), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [live]);
  const question = live?.question ?? asked;
  const display = live?.display ?? shownAs;
  const over = search;
  const change = useCallback(
    (next: Question) => setDraft({ question: next, display, over }),
    [display, over],
  );
  const show = useCallback(
    (next: DisplayInput) => changeAddress(addressOf(question, next), { isStep: true }),
    [question],
  );
  const replace = useCallback((next: Question, as: DisplayInput) => {
    setDraft(undefined);
    changeAddress(addressOf(next, as), { isStep: true });
  }, []);
  return { question, asked, display, trouble: addressed.trouble, change, show, replace };
};

const NO_DISPLAY: DisplayInput = {};

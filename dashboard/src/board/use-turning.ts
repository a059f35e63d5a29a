import { type RefObject, useEffect } from 'react';
import { nextTurn, type Span } from './turn.ts';

const TURN_EVERY_MS = 20_000;
/** Whoever moves it by hand is left alone for so long. */
const BY_HAND_MS = 60_000;
const BY_HAND = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

const spanOf = (element: Element, originPx: number): Span => {
  const { top, bottom } = element.getBoundingClientRect();
  return { top: top - originPx, bottom: bottom - originPx };
};

/** Shows what comes next on a board; `wall` is what scrolls. */
const turn = (wall: HTMLElement): void => {
  const body = wall.querySelector('.wall-body');
  const head = wall.querySelector('.wall-top');
  if (body === null || head === null || wall.scrollHeight <= wall.clientHeight) return;
  const { top: originPx } = body.getBoundingClientRect();
  const tiles = [...body.querySelectorAll('.tile')].map((tile) => spanOf(tile, originPx));
  const top = head.getBoundingClientRect().bottom - originPx;
  const bottom = wall.getBoundingClientRect().bottom - originPx;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
  wall.scrollTo({ top: nextTurn(tiles, { top, bottom }), behavior });
};

/** Shows a board that is longer than the screen screen by screen: nobody is there to scroll. */
export const useTurning = (wall: RefObject<HTMLElement | null>): void => {
  useEffect(() => {
    const element = wall.current;
    if (element === null) return;
    let movedMs = Number.NEGATIVE_INFINITY;
    const onHand = (): void => {
      movedMs = performance.now();
    };
    for (const kind of BY_HAND) element.addEventListener(kind, onHand, { passive: true });
    const timer = setInterval(() => {
      if (!document.hidden && performance.now() - movedMs >= BY_HAND_MS) turn(element);
    }, TURN_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const kind of BY_HAND) element.removeEventListener(kind, onHand);
    };
  }, [wall]);
};

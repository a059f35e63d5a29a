import type { Page } from 'playwright-core';

/** Of what is in view: parts further down are loaded when they come near. */
const NOTHING_WAITS = `![...document.querySelectorAll('.skeleton, [aria-busy="true"]')].some((waiting) => {
  const { top, bottom } = waiting.getBoundingClientRect();
  return waiting.checkVisibility() && top < innerHeight && bottom > 0;
})`;

/** Whether all that is in view was answered. */
export const nothingWaits = (page: Page): Promise<boolean> => page.evaluate(NOTHING_WAITS);

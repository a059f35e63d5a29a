/** The size of text at which lengths in pixels are right. */
const USUAL_PX = 16;

/** By how much text is larger than usual: on a wall, or where somebody told the browser so. What is drawn in pixels around text grows with it. */
export const textScale = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_PX;

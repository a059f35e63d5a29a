import { wantsColour } from '../config/environment.ts';

/** Styles for text on a terminal. Each gives the text back unchanged where colour is not wanted. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly accent: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
}

const styled =
  (code: number, wanted: boolean) =>
  (text: string): string =>
    wanted ? `\x1b[${code}m${text}\x1b[0m` : text;

/** The palette for a stream: plain unless it is a terminal that wants colour. */
export const paletteFor = (stream: { readonly isTTY?: boolean }): Palette => {
  const wanted = wantsColour(stream);
  return {
    bold: styled(1, wanted),
    dim: styled(2, wanted),
    accent: styled(36, wanted),
    good: styled(32, wanted),
    warning: styled(33, wanted),
    bad: styled(31, wanted),
  };
};

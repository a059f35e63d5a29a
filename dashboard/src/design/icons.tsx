import type { ReactNode } from 'react';

const PATHS = {
  live: 'M2 8h2.5l1.7-4.5 3 9L11 8h3',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2v9.6l7.5-4.8z',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.5l3.2 3.2L13 5',
  copy: 'M6 6h7v7H6zM3.5 10V3.5H10',
  chevron: 'M4.5 6.5L8 10l3.5-3.5',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  sun: 'M8 5.2a2.8 2.8 0 100 5.6 2.8 2.8 0 000-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13 9.6A5.5 5.5 0 016.4 3 5.5 5.5 0 1013 9.6z',
  system: 'M2 3.5h12v7.5H2zM6 13.5h4',
  leave: 'M6.5 2.5H3v11h3.5M7 8h6.5M11 5.5L13.5 8 11 10.5',
  help: 'M8 14A6 6 0 108 2a6 6 0 000 12zM6.3 6.3a1.8 1.8 0 113 1.4c-.7.5-1.3.8-1.3 1.7M8 11.4v.1',
  book: 'M3 3h4.2c.5 0 .8.3.8.8V13c0-.6-.5-1-1-1H3zM13 3H8.8c-.5 0-.8.3-.8.8V13c0-.6.5-1 1-1h4z',
  project: 'M2.5 4.5L8 2l5.5 2.5L8 7zM2.5 8L8 10.5 13.5 8M2.5 11.5L8 14l5.5-2.5',
  warning: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.3v.1',
  info: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.3V11M8 5v.1',
  up: 'M8 13V3.5M4 7l4-4 4 4',
  down: 'M8 3v9.5M4 9l4 4 4-4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  trash: 'M2.5 4.5h11M6 4.5V2.7h4v1.8M4 4.5l.6 9h6.8l.6-9',
  plug: 'M5.5 2v3M10.5 2v3M4 5h8v2.5a4 4 0 01-8 0zM8 11.5V14',
  external: 'M9.5 3H13v3.5M13 3L7.5 8.5M11.5 9.5V13H3V4.5h3.5',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** A drawing of 16 by 16, in the colour of the text. Says nothing to screen readers: what it stands on has a name. */
export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode => (
  <svg
    className="icon"
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);

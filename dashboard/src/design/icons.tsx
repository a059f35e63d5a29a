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
  search: 'M7 12a5 5 0 100-10 5 5 0 000 10zM10.6 10.6L14 14',
  clock: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 4.7V8l2.3 1.5',
  calendar: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  lock: 'M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 015 0v2',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  edit: 'M3 13l.6-2.8L10.8 3 13 5.2 5.8 12.4zM9.5 4.3l2.2 2.2',
  more: 'M3.5 8v.1M8 8v.1M12.5 8v.1',
  user: 'M8 8a2.8 2.8 0 100-5.6A2.8 2.8 0 008 8zM2.8 13.6a5.2 5.2 0 0110.4 0',
  users:
    'M6 7.5a2.4 2.4 0 100-4.8 2.4 2.4 0 000 4.8zM1.8 13a4.2 4.2 0 018.4 0M10.5 3a2.3 2.3 0 010 4.4M11.7 9.2a4 4 0 012.6 3.8',
  cohort: 'M5.5 9.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM10.5 13.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7z',
  session: 'M2.5 8a5.5 5.5 0 0110-3.2M13.5 8a5.5 5.5 0 01-10 3.2M12.7 2v3h-3M3.3 14v-3h3',
  board: 'M2.5 2.5h5v6h-5zM9.5 2.5h4v3.5h-4zM2.5 10.5h5v3h-5zM9.5 8h4v5.5h-4z',
  chart: 'M2.5 13.5V9.5M6.2 13.5V4.5M9.8 13.5V7.5M13.5 13.5V2.5',
  globe: 'M8 14A6 6 0 108 2a6 6 0 000 12zM2 8h12M8 2c2 2 2.4 4 2.4 6S10 12 8 14C6 12 5.6 10 5.6 8S6 4 8 2z',
  sql: 'M2.5 4l3.5 4-3.5 4M8 12h5.5',
  data: 'M8 6.5c3 0 5.5-.9 5.5-2.2S11 2 8 2 2.5 3 2.5 4.3 5 6.5 8 6.5zM2.5 4.3v7.4C2.5 13 5 14 8 14s5.5-1 5.5-2.3V4.3M2.5 8c0 1.3 2.5 2.2 5.5 2.2s5.5-.9 5.5-2.2',
  pulse: 'M2 8h3l1.5-3.5 3 7L11 8h3',
  gear: 'M8 10.2a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4zM8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M12.4 3.6l-1.2 1.2M4.8 11.2l-1.2 1.2',
  share:
    'M11.5 5.5a2 2 0 100-4 2 2 0 000 4zM4.5 10a2 2 0 100-4 2 2 0 000 4zM11.5 14.5a2 2 0 100-4 2 2 0 000 4zM6.3 7l3.5-2.2M6.3 9l3.5 2.2',
  download: 'M8 2.5V10M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  save: 'M3 2.5h8l2.5 2.5v8.5H3zM5.5 2.5V6h4.5V2.5M5.5 13.5V9.5h5v4',
  refresh: 'M13.5 8A5.5 5.5 0 118 2.5c1.8 0 3.3.8 4.3 2M12.8 1.8v3h-3',
  full: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  drag: 'M6 3.5v.1M10 3.5v.1M6 8v.1M10 8v.1M6 12.5v.1M10 12.5v.1',
  back: 'M13 8H3.5M7 4L3 8l4 4',
  next: 'M3 8h9.5M9 4l4 4-4 4',
  star: 'M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z',
  eye: 'M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 9.7a1.7 1.7 0 100-3.4 1.7 1.7 0 000 3.4z',
  key: 'M10.5 8.5a3 3 0 10-2.6-1.5L2.5 12.4V14h2v-1.5H6V11h1.5l1-1.2c.6.4 1.3.7 2 .7zM11 5v.1',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 6.3V13',
  external: 'M9.5 3H13v3.5M13 3L7.5 8.5M11.5 9.5V13H3V4.5h3.5',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** A drawing of 16 by 16, in the colour of the text. Says nothing to screen readers: what it stands on has a name. */
export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode => (
  <svg
    className="icon"
    width={`${size / 16}rem`}
    height={`${size / 16}rem`}
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

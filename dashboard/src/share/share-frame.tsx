import type { ReactNode } from 'react';
import type { Shared } from '../../../src/contract/shares.ts';
import type { BoardTrouble } from '../board/board-trouble.ts';
import { MomentLine, type ShownMoment } from '../board/moment-line.tsx';
import { fillScreen, Wall } from '../board/wall.tsx';
import { Banner, Button, IconButton, Select } from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { chooseTheme, THEMES, themeStore } from '../lib/theme.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { instantIn } from '../lib/zoned.ts';

/** What is not pinned is asked again so often. */
export const EVERY_MS = 60_000;
const STALE_MS = 150_000;

const THEME_TEXT = { system: 'Like the system', light: 'Light', dark: 'Dark' } as const;

interface FrameProps {
  readonly thing: Shared;
  /** Undefined: nothing was answered yet. */
  readonly moment: ShownMoment | undefined;
  /** Of a board. */
  readonly rows?: number;
  /** Why there are no new answers. */
  readonly trouble: BoardTrouble | undefined;
  readonly again: () => void;
  readonly controls?: ReactNode;
  readonly children: ReactNode;
}

/** Whether the address asks for the wall. */
const useWall = (): boolean => new URLSearchParams(useStore(addressStore)).get('wall') === '1';

const Colours = (): ReactNode => (
  <Select
    label="Colours"
    size="small"
    options={THEMES.map((value) => ({ value, text: THEME_TEXT[value] }))}
    value={useStore(themeStore)}
    onChange={chooseTheme}
  />
);

/** What stands around whatever a link shows: its name, what it is as of, and what can be chosen. */
export const ShareFrame = (props: FrameProps): ReactNode => {
  const { thing, moment, rows = 1, trouble, again, controls, children } = props;
  const zone = useTimeZone();
  const isWall = useWall();
  const { name, description, pinned, expires_at: ends } = thing;
  const line =
    moment === undefined ? null : (
      <MomentLine moment={moment} zone={zone} isPinned={pinned !== null} staleMs={STALE_MS} />
    );
  if (isWall)
    return (
      <Wall
        title={name}
        status={line}
        rows={rows}
        trouble={trouble}
        onLeave={() => changeAddress({ wall: null })}
      >
        {children}
      </Wall>
    );
  return (
    <main className="share-page">
      <header className="share-head">
        <h1>{name}</h1>
        <IconButton
          icon="full"
          kind="normal"
          label="Wall: fill the screen"
          onClick={() => {
            fillScreen();
            changeAddress({ wall: '1' }, { isStep: true });
          }}
        />
        {description === '' ? null : <p className="share-description">{description}</p>}
      </header>
      <div className="share-bar">
        {controls}
        {line}
      </div>
      {trouble === undefined ? null : (
        <Banner
          kind={trouble.isEmpty ? 'bad' : 'warn'}
          actions={
            <Button size="small" onClick={again}>
              Try again
            </Button>
          }
        >
          <strong>{trouble.title}</strong> {trouble.text} It is tried again by itself.
        </Banner>
      )}
      {children}
      <footer className="share-foot">
        <span>
          To be looked at only{ends === null ? '' : `, until ${instantIn(ends, zone)}`}. Shown by Aevum.
        </span>
        <Colours />
      </footer>
    </main>
  );
};

import './board.css';
import { type CSSProperties, type ReactNode, type Ref, useId } from 'react';
import { Fresh } from '../design/index.ts';
import type { Place } from './places.ts';
import type { ShownTile } from './shown-tiles.ts';

/** Where a tile stands, for the style sheet: on a phone it stands elsewhere. */
export const placeStyle = ({ x, y, w, h }: Place): CSSProperties =>
  ({ '--x': x + 1, '--y': y + 1, '--w': w, '--h': h }) as CSSProperties;

interface TileFrameProps {
  readonly title: string;
  /** Stands at the right of the title: a menu, what to know. */
  readonly aside?: ReactNode;
  /** A text without a title has no frame around it. */
  readonly isPlain?: boolean;
  /** Where what is shown may be of before. */
  readonly age?: Pick<ShownTile, 'isOld' | 'isBusy' | 'keptMs'>;
  /** On a phone two stand beside each other. */
  readonly isSmall?: boolean;
  readonly style?: CSSProperties;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** A part of a board: a title and what is below it. */
export const TileFrame = (props: TileFrameProps): ReactNode => {
  const { title, aside, isPlain = false, age, isSmall = false, style, ref, children } = props;
  const id = useId();
  const keptMs = age?.keptMs;
  const isOld = age?.isOld === true;
  const hasHead = title !== '' || aside !== undefined || keptMs !== undefined;
  return (
    <section
      ref={ref}
      className="tile"
      style={style}
      data-plain={isPlain ? '' : undefined}
      data-old={isOld ? '' : undefined}
      data-small={isSmall ? '' : undefined}
      aria-busy={isOld && age.isBusy ? true : undefined}
      {...(title === '' ? { 'aria-label': 'Tile without a title' } : { 'aria-labelledby': id })}
    >
      {hasHead ? (
        <header className="tile-head">
          <h2 className="tile-title truncate" id={id} title={title}>
            {title}
          </h2>
          {keptMs === undefined ? null : <Fresh atMs={keptMs} staleMs={0} />}
          {aside}
        </header>
      ) : null}
      <div className="tile-body">{children}</div>
    </section>
  );
};

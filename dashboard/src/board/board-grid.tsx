import './board.css';
import type { CSSProperties, ReactNode } from 'react';
import { type Place, rowsOf } from './places.ts';

interface BoardGridProps {
  readonly places: readonly Place[];
  readonly children: ReactNode;
}

/** The grid of a board that is looked at. Its tiles say where they stand with `placeStyle`; where there is little room they stand one below the other. */
export const BoardGrid = ({ places, children }: BoardGridProps): ReactNode => (
  <div className="board-box" style={{ '--rows': Math.max(1, rowsOf(places)) } as CSSProperties}>
    <div className="board-grid">{children}</div>
  </div>
);

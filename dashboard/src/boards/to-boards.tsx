import type { ReactNode } from 'react';
import { Link } from '../design/index.ts';

/** The way from a board up to all of them. */
export const ToBoards = (): ReactNode => (
  <Link to="/boards" className="board-up">
    Boards<span aria-hidden="true"> /</span>
  </Link>
);

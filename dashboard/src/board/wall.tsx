import './wall.css';
import { type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { IconButton } from '../design/index.ts';
import { clock } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import type { BoardTrouble } from './board-trouble.ts';
import { useTurning } from './use-turning.ts';

/** Fills the screen, if the browser allows it: only just after somebody pressed something. */
export const fillScreen = (): void => {
  const { documentElement } = document;
  if (document.fullscreenElement === null) documentElement.requestFullscreen?.().catch(() => undefined);
};

const leaveScreen = (): void => {
  if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => undefined);
};

/** Keeps the screen from going dark while the page is in view, where that is allowed. */
const useAwake = (): void => {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const take = async (): Promise<void> => {
      if (document.hidden) return;
      // The browser may refuse it, on a low battery for example: the screen then does what it does.
      const taken = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (isOver) await taken?.release();
      else lock = taken;
    };
    const again = (): void => void take();
    again();
    document.addEventListener('visibilitychange', again);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, []);
};

/** Everything is as large as the screen and so many rows allow while a wall is shown. */
const useLarge = (rows: number): void => {
  // Before the charts are drawn, which go by it.
  useLayoutEffect(() => {
    const { dataset, style } = document.documentElement;
    dataset['wall'] = '';
    style.setProperty('--wall-rows', String(rows));
    return () => {
      delete dataset['wall'];
      style.removeProperty('--wall-rows');
    };
  }, [rows]);
};

const timeNow = (): string => clock(new Date());

const Clock = (): ReactNode => {
  // Ticks with all that shows ages.
  useNow();
  return (
    <span className="wall-clock number" aria-hidden="true">
      {timeNow()}
    </span>
  );
};

interface WallProps {
  readonly title: string;
  /** What the numbers are as of. */
  readonly status: ReactNode;
  /** Of the board that it shows; 1 for what fills the screen by itself. */
  readonly rows: number;
  /** Why there are no new numbers; undefined while all is well. */
  readonly trouble: BoardTrouble | undefined;
  readonly onLeave: () => void;
  readonly children: ReactNode;
}

/** A board as the only thing on a screen: large, awake, and loud about a lost connection. Escape leaves it. */
export const Wall = ({ title, status, rows, trouble, onLeave, children }: WallProps): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const leave = useEffectEvent(onLeave);
  useAwake();
  useLarge(rows);
  useTurning(dialog);
  useEffect(() => {
    const element = dialog.current;
    let wasFull = document.fullscreenElement !== null;
    // The browser takes Escape for itself to leave the full screen.
    const onFull = (): void => {
      if (wasFull && document.fullscreenElement === null) leave();
      wasFull = document.fullscreenElement !== null;
    };
    document.addEventListener('fullscreenchange', onFull);
    element?.showModal();
    // Not what leaves it: there is nothing to press.
    element?.focus();
    return () => {
      document.removeEventListener('fullscreenchange', onFull);
      element?.close();
      leaveScreen();
    };
  }, []);
  return createPortal(
    <dialog
      ref={dialog}
      className="wall"
      tabIndex={-1}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onLeave();
      }}
    >
      <div className="wall-top">
        <header className="wall-head">
          <h1 className="truncate">{title}</h1>
          {status}
          <Clock />
          <IconButton icon="close" label="Leave the wall (Esc)" onClick={onLeave} />
        </header>
        {trouble === undefined ? null : (
          <p className="wall-trouble" role="alert">
            <strong>{trouble.title}</strong> {trouble.text} It is tried again.
          </p>
        )}
      </div>
      <div className="wall-body">{children}</div>
    </dialog>,
    document.body,
  );
};

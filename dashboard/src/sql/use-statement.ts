import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { hashOf, type SharedStatement, sharedOf } from './shared.ts';

const LIMIT = 1_000;
const WRITTEN_AFTER_MS = 400;

const NONE: SharedStatement = { sql: '', limit: undefined, parameters: {} };

/** What was being written, by project: going to another page and back keeps it. */
const drafts = new Map<string, SharedStatement>();

/** The statement that is being written. */
export interface Statement {
  readonly text: string;
  readonly limit: number;
  /** What was typed for the parameters. */
  readonly values: Readonly<Record<string, string>>;
  /** What came in by the address since the page was opened. */
  readonly arrived: SharedStatement | undefined;
  readonly change: (sql: string) => void;
  readonly setLimit: (limit: number) => void;
  readonly setValue: (name: string, value: string) => void;
  /** Puts it into the address now. */
  readonly keep: () => void;
}

const writeHash = (shared: SharedStatement): void => {
  const hash = hashOf(shared);
  if (hash !== location.hash) history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
};

/** The statement that is being written, as it stands in the address: reloading keeps it, and a link to it opens it. It is never run by opening a link. */
export const useStatement = (project: string): Statement => {
  const [now, setNow] = useState<SharedStatement>(
    () => sharedOf(location.hash) ?? drafts.get(project) ?? NONE,
  );
  const [arrived, setArrived] = useState<SharedStatement>();
  const latest = useRef(now);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const keep = (): void => {
    clearTimeout(timer.current);
    writeHash(latest.current);
  };
  const change = (part: Partial<SharedStatement>): void => {
    const next = { ...latest.current, ...part };
    latest.current = next;
    drafts.set(project, next);
    setNow(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(keep, WRITTEN_AFTER_MS);
  };
  const onHash = useEffectEvent(() => {
    const shared = sharedOf(location.hash);
    if (shared === undefined || hashOf(shared) === hashOf(latest.current)) return;
    change(shared);
    setArrived(shared);
  });
  useEffect(() => {
    writeHash(latest.current);
    const listener = (): void => onHash();
    window.addEventListener('hashchange', listener);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener('hashchange', listener);
    };
  }, []);
  return {
    text: now.sql,
    limit: now.limit ?? LIMIT,
    values: now.parameters,
    arrived,
    change: (sql: string) => change({ sql }),
    setLimit: (limit: number) => change({ limit }),
    setValue: (name: string, value: string) =>
      change({ parameters: { ...latest.current.parameters, [name]: value } }),
    keep,
  };
};

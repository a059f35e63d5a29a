import './avatar.css';
import type { ReactNode } from 'react';

const TONES = 7;

const toneOf = (text: string): number => {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_536;
  return (hash % TONES) + 1;
};

const LETTERS = /[\p{L}\p{N}]+/gu;

/** Up to two letters that stand for a name: of ids like `u-6b9a` those behind the prefix. */
const lettersOf = (text: string): string => {
  const words = text.split('@')[0]?.match(LETTERS) ?? [];
  const [first = '?', second = ''] = words;
  const pair =
    first.length === 1 && second.length > 1 ? second.slice(0, 2) : `${first.charAt(0)}${second.charAt(0)}`;
  return pair.toUpperCase();
};

/** A mark by which somebody is told from others at a glance. Says nothing to screen readers: the name stands beside it. */
export const Avatar = ({ name, size = 24 }: { readonly name: string; readonly size?: number }): ReactNode => (
  <span
    className="avatar"
    data-tone={toneOf(name)}
    style={{ width: size, height: size, fontSize: size * 0.4 }}
    aria-hidden="true"
  >
    {lettersOf(name)}
  </span>
);

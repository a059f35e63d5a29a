import type { BoardsAnswer } from '../../../src/contract/boards.ts';
import type { InsightsAnswer } from '../../../src/contract/insights.ts';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { pathOf } from '../data/api.ts';
import { useResource } from '../data/resource.ts';
import { goTo } from '../lib/address.ts';
import { sessionPath } from '../lib/paths.ts';
import type { Command } from './palette-match.ts';

/** Not sooner are what boards and insights are called asked for again. */
const KEYED = { insights: 'insights', boards: 'boards' } as const;

/** Fewer letters are no id. */
const ID_LETTERS_MIN = 2;

/** Whoever has the id that was typed, and the session that has it. Only their pages know whether there are any. */
const byId = (id: string): readonly Command[] => [
  {
    key: `user ${id}`,
    group: 'User',
    text: `User ${id}`,
    icon: 'user',
    isFound: true,
    run: () => goTo(`/users/${encodeURIComponent(id)}`),
  },
  {
    key: `session ${id}`,
    group: 'Session',
    text: `Session ${id}`,
    icon: 'session',
    isFound: true,
    run: () => goTo(sessionPath(id)),
  },
];

/** What the palette finds, and what to know of what it does not. */
interface Finds {
  readonly commands: readonly Command[];
  /** Not all that is saved is known yet. */
  readonly isAsking: boolean;
  /** Why what is saved is not known. */
  readonly trouble: string | undefined;
}

/** What is saved, and whoever and whatever session is called as was typed. */
export const usePaletteFinds = (project: string, { permissions }: SessionAnswer, sought: string): Finds => {
  const insights = useResource<InsightsAnswer>({
    key: [KEYED.insights, project],
    path: pathOf('/api/insights', project),
  });
  const boards = useResource<BoardsAnswer>({
    key: [KEYED.boards, project],
    path: pathOf('/api/boards', project),
  });
  const found: Command[] = [
    ...(boards.data?.boards ?? []).map(({ id, name }) => ({
      key: id,
      group: 'Board',
      text: name,
      icon: 'board' as const,
      run: () => goTo(`/boards/${id}`),
    })),
    ...(insights.data?.insights ?? []).map(({ id, name }) => ({
      key: id,
      group: 'Insight',
      text: name,
      icon: 'chart' as const,
      run: () => goTo(`/explore/${id}`),
    })),
  ];
  if (sought.length >= ID_LETTERS_MIN && permissions.includes('personal:read')) found.push(...byId(sought));
  const unknown = [boards, insights].filter(({ data }) => data === undefined);
  const trouble = unknown.find(({ error }) => error !== undefined)?.error?.message;
  return { commands: found, isAsking: unknown.length > 0 && trouble === undefined, trouble };
};

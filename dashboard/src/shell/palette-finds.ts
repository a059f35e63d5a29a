import type { BoardsAnswer } from '../../../src/contract/boards.ts';
import type { InsightsAnswer } from '../../../src/contract/insights.ts';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { pathOf } from '../data/api.ts';
import { useResource } from '../data/resource.ts';
import { goTo } from '../lib/address.ts';
import type { Command } from './palette-match.ts';

/** Not sooner are what boards and insights are called asked for again. */
const KEYED = { insights: 'insights', boards: 'boards' } as const;

/** What is saved, and whoever is called as was typed. */
export const usePaletteFinds = (
  project: string,
  { permissions }: SessionAnswer,
  sought: string,
): readonly Command[] => {
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
  if (sought.length > 1 && permissions.includes('personal:read'))
    found.push({
      key: `user ${sought}`,
      group: 'User',
      text: `User ${sought}`,
      icon: 'user',
      isFound: true,
      run: () => goTo(`/users/${encodeURIComponent(sought)}`),
    });
  return found;
};

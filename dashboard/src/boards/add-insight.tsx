import { type ReactNode, useState } from 'react';
import type { Tile } from '../../../src/contract/boards.ts';
import type { InsightsAnswer } from '../../../src/contract/insights.ts';
import { useInsights } from '../data/insights.ts';
import { Dialog, Icon, Link, Loaded, Notice, Skeleton } from '../design/index.ts';
import { DISPLAY_WORDS } from '../insight/display.ts';

type Insight = InsightsAnswer['insights'][number];

const SHOWN_MAX = 100;

/** How large a tile begins, by how it is drawn. */
const sizeOf = ({ display }: Insight): { readonly w: number; readonly h: number } =>
  display.as === 'number' ? { w: 3, h: 2 } : { w: 6, h: 5 };

const tileOf = (insight: Insight): Tile => ({
  ...{ kind: 'insight', id: 'insight', insight: insight.id, title: insight.name, ignores: [] },
  ...{ x: 0, y: 0, ...sizeOf(insight) },
});

const fits = ({ name, description, tags }: Insight, sought: string): boolean =>
  `${name} ${description} ${tags.join(' ')}`.toLowerCase().includes(sought.trim().toLowerCase());

interface AddInsightProps {
  readonly project: string;
  readonly onAdd: (tile: Tile) => void;
  readonly onClose: () => void;
}

/** Picks a saved insight to be put on a board. */
export const AddInsight = ({ project, onAdd, onClose }: AddInsightProps): ReactNode => {
  const { data, error } = useInsights(project);
  const [sought, setSought] = useState('');
  const found = (data?.insights ?? []).filter((insight) => fits(insight, sought));
  return (
    <Dialog title="Add an insight" onClose={onClose}>
      <div className="dialog-form">
        <input
          className="input"
          type="search"
          aria-label="Find an insight"
          placeholder="Find an insight"
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        <Loaded
          data={data}
          error={error?.message}
          trouble="Insights could not be listed"
          loading={<Skeleton height="8rem" />}
        >
          {() =>
            found.length === 0 ? (
              <Notice title={sought === '' ? 'No insights are saved yet' : 'No insight is like that'}>
                Ask something in Explore and save it; then it can be put here.
              </Notice>
            ) : (
              <ul className="insight-choices">
                {found.slice(0, SHOWN_MAX).map((insight) => (
                  <li key={insight.id}>
                    <button type="button" className="menu-item" onClick={() => onAdd(tileOf(insight))}>
                      <Icon name="chart" />
                      <span className="truncate">{insight.name}</span>
                      <span className="quiet insight-kind">{DISPLAY_WORDS[insight.display.as]}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        <p className="field-note">
          <Link to="/explore">Make a new one in Explore</Link>
        </p>
      </div>
    </Dialog>
  );
};

import { type ReactNode, useState } from 'react';
import { useInsights } from '../data/insights.ts';
import { Icon, Link, Loaded, Notice, Panel, Skeleton } from '../design/index.ts';
import { ago } from '../lib/format.ts';
import { KIND_FACTS, KINDS } from './kinds.ts';

interface InsightListProps {
  readonly project: string;
  readonly current: string | undefined;
  readonly onClose: () => void;
}

const factsOf = (
  kind: string,
): { readonly text: string; readonly icon: (typeof KIND_FACTS)['trend']['icon'] } => {
  const known = KINDS.find((each) => each === kind);
  return known === undefined ? { text: kind, icon: 'chart' } : KIND_FACTS[known];
};

/** The saved insights, found by name, tag, kind or who saved them. */
export const InsightList = ({ project, current, onClose }: InsightListProps): ReactNode => {
  const { data, error } = useInsights(project);
  const [sought, setSought] = useState('');
  const words = sought.toLowerCase().split(/\s+/u).filter(Boolean);
  return (
    <Panel title="Saved insights" onClose={onClose}>
      <input
        className="input insight-search"
        type="search"
        aria-label="Find an insight"
        placeholder="Name, tag or kind"
        value={sought}
        onChange={({ target }) => setSought(target.value)}
      />
      <Loaded
        data={data}
        error={error?.message}
        trouble="Insights could not be listed"
        loading={<Skeleton height="12rem" />}
      >
        {({ insights }) => {
          const shown = insights.filter(({ name, description, tags, kind, updated_by: by }) => {
            const hay = [name, description, kind, by, ...tags].join(' ').toLowerCase();
            return words.every((word) => hay.includes(word));
          });
          if (insights.length === 0)
            return (
              <Notice icon="save" title="Nothing is saved yet">
                Put a question together and save it: it is then listed here, and can stand on boards.
              </Notice>
            );
          if (shown.length === 0) return <Notice title="Nothing is called so" />;
          return (
            <ul className="insight-list">
              {shown.map(({ id, name, description, kind, tags, updated_at: at, updated_by: by }) => (
                <li key={id}>
                  <Link
                    className="insight-item"
                    to={`/explore/${encodeURIComponent(id)}`}
                    aria-current={id === current ? 'page' : undefined}
                    onClick={onClose}
                  >
                    <Icon name={factsOf(kind).icon} />
                    <span className="insight-item-words">
                      <span className="truncate">{name}</span>
                      <span className="field-note">
                        {[factsOf(kind).text, ...tags, `${ago(Date.now() - Date.parse(at))} by ${by}`].join(
                          ' · ',
                        )}
                      </span>
                      {description === '' ? null : <span className="field-note truncate">{description}</span>}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
};

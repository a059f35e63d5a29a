import type { ReactNode } from 'react';
import type { TemplateName, TemplatesAnswer } from '../../../src/contract/boards.ts';
import { useBoardTemplates } from '../data/boards.ts';
import { Icon, Loaded, Skeleton } from '../design/index.ts';

/** What a board begins with: a template, or nothing. */
export interface Start {
  readonly template: TemplateName | null;
}

/** A board that comes with the program. */
export type Template = TemplatesAnswer['templates'][number];

const SHOWN = 4;

const Titles = ({ tiles }: Pick<Template, 'tiles'>): ReactNode => (
  <ul className="template-tiles">
    {tiles.slice(0, SHOWN).map(({ title }) => (
      <li key={title} className="truncate">
        {title}
      </li>
    ))}
    {tiles.length > SHOWN ? <li className="quiet">and {tiles.length - SHOWN} more</li> : null}
  </ul>
);

interface CardsProps {
  readonly project: string;
  readonly onStart: (start: Start) => void;
}

/** The boards that come with the program, and an empty one. */
export const TemplateCards = ({ project, onStart }: CardsProps): ReactNode => {
  const { data, error, again } = useBoardTemplates(project);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The templates could not be listed"
      again={again}
      loading={<Skeleton height="10rem" />}
    >
      {({ templates }) => (
        <div className="templates">
          {templates.map(({ template, name, description, tiles }) => (
            <button key={template} type="button" className="template" onClick={() => onStart({ template })}>
              <span className="template-name">{name}</span>
              <span className="template-note">{description}</span>
              <Titles tiles={tiles} />
            </button>
          ))}
          <button
            type="button"
            className="template"
            data-empty=""
            onClick={() => onStart({ template: null })}
          >
            <Icon name="plus" />
            <span className="template-name">Empty board</span>
            <span className="template-note">Put your own insights on it.</span>
          </button>
        </div>
      )}
    </Loaded>
  );
};

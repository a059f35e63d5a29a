import './web-view.css';
import { type ReactNode, useState } from 'react';
import type { WebAnswer, WebList } from '../../../src/contract/web.ts';
import { BarTable, type BarRow, Notice, Tabs } from '../design/index.ts';
import { countryName } from '../lib/country.ts';
import type { OnDrill } from './group.ts';
import { NumberView } from './number-view.tsx';
import type { Viewed } from './view-props.ts';
import { WEB_LIST_WORDS } from './web-words.ts';

/** Lists that stand in one place: the first of each is shown first. */
const PLACES: readonly (readonly WebList[])[] = [
  ['channels', 'sources', 'utm_campaigns', 'utm_sources'],
  ['pages', 'entry_pages', 'exit_pages'],
  ['countries'],
  ['devices', 'browsers', 'systems'],
];

const rowsOf = (answer: WebAnswer, list: WebList, onDrill: OnDrill | undefined): BarRow[] => {
  const { absent, field } = WEB_LIST_WORDS[list];
  return answer.lists[list].map(({ value, other, sessions, views }, index) => {
    const text = value === null ? absent : list === 'countries' ? countryName(value) : value;
    return {
      key: String(index),
      name: other ? 'Other' : text,
      isAbsent: other || value === null,
      count: list === 'pages' ? views : sessions,
      onChoose:
        onDrill === undefined || field === null || other
          ? undefined
          : () => onDrill({ kind: 'value', field, value }),
    };
  });
};

const Place = ({
  answer,
  lists,
  onDrill,
}: {
  readonly answer: WebAnswer;
  readonly lists: readonly WebList[];
  readonly onDrill: OnDrill | undefined;
}): ReactNode => {
  const [list, setList] = useState(lists[0] ?? 'pages');
  const rows = rowsOf(answer, list, onDrill);
  const isViews = list === 'pages';
  return (
    <Tabs
      label={WEB_LIST_WORDS[list].title}
      className="web-place"
      tabs={lists.map((each) => ({ value: each, text: WEB_LIST_WORDS[each].title }))}
      value={list}
      onChange={setList}
    >
      {rows.length === 0 ? (
        <Notice title="Nothing here">No session has one.</Notice>
      ) : (
        <BarTable
          caption={WEB_LIST_WORDS[list].title}
          nameHead={WEB_LIST_WORDS[list].title}
          countHead={isViews ? 'Views' : 'Sessions'}
          rows={rows}
          whole={isViews ? answer.total.views : answer.total.sessions}
        />
      )}
    </Tabs>
  );
};

/** Visits to a web site: what they add up to, and where they came from and went to. */
export const WebView = ({ question, answer, display, onDrill }: Viewed<'web'>): ReactNode => {
  if (answer.total.sessions === 0)
    return <Notice title="No visits here">Nobody visited in this time.</Notice>;
  return (
    <div className="web-overview">
      <NumberView question={question} answer={answer} display={{ ...display, as: 'number' }} />
      <div className="web-places">
        {PLACES.map((lists) => (
          <Place key={lists[0]} answer={answer} lists={lists} onDrill={onDrill} />
        ))}
      </div>
    </div>
  );
};

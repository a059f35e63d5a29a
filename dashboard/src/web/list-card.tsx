import { type ReactNode, useState } from 'react';
import type { WebList } from '../../../src/contract/web.ts';
import { Button, Tabs } from '../design/index.ts';
import { AllDialog } from './all-dialog.tsx';
import { Entries, EntriesLoading, SHOWN } from './entries.tsx';
import { LISTS, rowsOf } from './lists.ts';
import type { Site } from './site.ts';

interface ListCardProps {
  readonly label: string;
  /** The first of them is shown first. */
  readonly lists: readonly WebList[];
  readonly site: Site;
  readonly className?: string;
}

/** The largest entries of a list, and the way to all of them. */
export const ListBody = ({ list, site }: { readonly list: WebList; readonly site: Site }): ReactNode => {
  const [isAll, setAll] = useState(false);
  const { answer, only, isCompared, onToggle } = site;
  if (answer === undefined) return <EntriesLoading />;
  const rows = rowsOf(answer, list);
  const hasMore = rows.length > SHOWN || answer.lists[list].some(({ other }) => other);
  return (
    <>
      <Entries
        list={list}
        rows={rows.slice(0, SHOWN)}
        isCompared={isCompared}
        isChosen={(value) => only[list]?.includes(value) === true}
        onChoose={(value) => onToggle(list, value)}
      />
      {hasMore ? (
        <Button size="small" kind="plain" className="button web-more" onClick={() => setAll(true)}>
          All of them
        </Button>
      ) : null}
      {isAll ? <AllDialog list={list} site={site} onClose={() => setAll(false)} /> : null}
    </>
  );
};

/** A card of one or more lists, a tab each. */
export const ListCard = ({ label, lists, site, className = '' }: ListCardProps): ReactNode => {
  const [list, setList] = useState<WebList>(lists[0] ?? 'pages');
  return (
    <section className={`card web-card ${className}`} aria-label={label}>
      <Tabs
        label={label}
        className="web-tabs"
        tabs={lists.map((value) => ({ value, text: LISTS[value].text }))}
        value={list}
        onChange={setList}
      >
        <ListBody key={list} list={list} site={site} />
      </Tabs>
    </section>
  );
};

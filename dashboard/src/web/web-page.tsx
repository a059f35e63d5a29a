import './web.css';
import { type ReactNode, useMemo } from 'react';
import { RangePicker, useRange } from '../ask/range-picker.tsx';
import { rangeParameters, rangeWords } from '../ask/range.ts';
import { useQuestion } from '../data/questions.ts';
import { Banner, Button, Failed, Fresh, Link, Notice, Page } from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { CompareSwitch } from './compare-switch.tsx';
import { Counting } from './counting.tsx';
import { Countries } from './countries.tsx';
import { figureOf } from './figures.ts';
import { HereNow } from './here-now.tsx';
import { HostsSetting } from './hosts-setting.tsx';
import { ListCard } from './list-card.tsx';
import { Narrowings } from './narrowings.tsx';
import { CLEARED, onlyOf, toggled } from './only.ts';
import { Overview } from './overview.tsx';
import { isCompared, questionOf } from './question.ts';
import type { Site } from './site.ts';

const USUAL_RANGE = 'last 7 days';
const EVERY_MS = 30_000;

const step = (parameters: Readonly<Record<string, string | null>>): void =>
  changeAddress(parameters, { isStep: true });

const CAMPAIGNS = ['utm_sources', 'utm_mediums', 'utm_campaigns', 'utm_terms', 'utm_contents'] as const;

/** Nothing in the range: nobody came, or the page is narrowed too far. */
const Nobody = ({ site, words }: { readonly site: Site; readonly words: string }): ReactNode =>
  Object.keys(site.only).length > 0 ? (
    <Notice
      title="No visits match"
      action={
        <Button size="small" onClick={() => step(CLEARED)}>
          Clear the filters
        </Button>
      }
    >
      Nobody came in this way: {words.toLowerCase()}.
    </Notice>
  ) : (
    <Notice
      icon="globe"
      title="No visits in this time"
      action={
        <Link className="button" data-size="small" to="/">
          To the live page
        </Link>
      }
    >
      A visit is all events of one <code>session_id</code>; page views say <code>context.page</code>. The
      JavaScript client sends both by itself.
    </Notice>
  );

const Cards = ({ site }: { readonly site: Site }): ReactNode => (
  <>
    <ListCard label="Where visits come from" lists={['channels', 'sources']} site={site} />
    <ListCard label="Pages" lists={['pages', 'entry_pages', 'exit_pages']} site={site} />
    <Countries site={site} />
    <ListCard label="Campaigns, by UTM parameters" lists={CAMPAIGNS} site={site} />
    <ListCard label="Devices" lists={['devices', 'browsers', 'systems']} site={site} />
  </>
);

/** What the address asks, and what was answered. */
const useSite = (project: string) => {
  const search = useStore(addressStore);
  const zone = useTimeZone();
  const [range, setRange] = useRange(USUAL_RANGE);
  const rangeKey = JSON.stringify(range);
  const question = useMemo(
    () => questionOf(search, { project, zone, range: JSON.parse(rangeKey) as typeof range }),
    [search, project, zone, rangeKey],
  );
  const asked = useQuestion(project, question, { everyMs: EVERY_MS });
  const { data: answer } = asked;
  const site: Site = {
    project,
    question,
    answer,
    only: onlyOf(search),
    isCompared: isCompared(search) && answer?.previous_range !== null,
    onToggle: (list, value) => step(toggled(onlyOf(search), list, value)),
  };
  return { search, zone, range, setRange, site, asked };
};

const AGAIN_WORDS = 'It is asked again by itself.';

/** What is shown is of before: nothing newer could be counted. */
const Trouble = ({ asked }: Pick<ReturnType<typeof useSite>, 'asked'>): ReactNode =>
  asked.error === undefined || asked.data === undefined ? null : (
    <Banner
      kind="warn"
      actions={
        <Button size="small" onClick={asked.again}>
          Try again
        </Button>
      }
    >
      <strong>The visits could not be counted. </strong>
      {asked.error.message} {AGAIN_WORDS}
    </Banner>
  );

const setFigure = (name: string): void => changeAddress({ figure: name === 'visitors' ? null : name });
const toRange = (fromMs: number, toMs: number): void =>
  step(rangeParameters({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }));

const Body = ({ search, zone, range, site, asked }: ReturnType<typeof useSite>): ReactNode => {
  const { answer } = site;
  if (answer === undefined && asked.error !== undefined)
    return (
      <Failed title="The visits could not be counted" again={asked.again}>
        {asked.error.message} {AGAIN_WORDS}
      </Failed>
    );
  const isEmpty = answer?.total.sessions === 0 && !asked.isOld;
  return (
    <div className="web-body" data-old={asked.isOld ? '' : undefined}>
      <Overview
        answer={answer}
        figure={figureOf(new URLSearchParams(search).get('figure'))}
        onFigure={setFigure}
        zone={zone}
        onRange={toRange}
      />
      {isEmpty ? (
        <section className="card web-nobody" aria-label="No visits">
          <Nobody site={site} words={rangeWords(range, zone)} />
        </section>
      ) : (
        <Cards site={site} />
      )}
    </div>
  );
};

/** Visits to a web site: who came, from where, by what, what they saw; narrowed by a press on anything. One question answers all of it. */
export const WebPage = ({ project, status }: PageProps): ReactNode => {
  const all = useSite(project);
  const { search, zone, range, setRange, site, asked } = all;
  return (
    <Page
      title="Web analytics"
      className="web"
      isBusy={asked.isFetching && asked.data === undefined}
      status={
        <>
          {status}
          <HereNow />
          <Fresh atMs={asked.atMs} staleMs={4 * EVERY_MS} />
        </>
      }
      actions={
        <>
          <HostsSetting search={search} project={project} onChange={step} />
          <CompareSwitch isOn={isCompared(search)} answer={asked.data} zone={zone} onChange={step} />
          <RangePicker value={range} onChange={setRange} />
        </>
      }
      toolbar={
        <Narrowings
          hasEntries={asked.data === undefined ? asked.error === undefined : asked.data.total.sessions > 0}
          only={site.only}
          onToggle={site.onToggle}
          onClear={() => step(CLEARED)}
        />
      }
    >
      <Counting isOn={asked.isFetching && (asked.isOld || asked.data === undefined)} />
      <Trouble asked={asked} />
      <Body {...all} />
    </Page>
  );
};

import './start.css';
import { type ReactNode, useState } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { CodeBlock, Tabs } from '../design/index.ts';
import type { WatchedDemo } from './demo.ts';
import { DemoCard } from './demo-card.tsx';
import { KEY_STAND_IN, snippet, type Way, WAY_NAMES, WAYS } from './snippets.ts';

const HINTS: Readonly<Record<Way, ReactNode>> = {
  curl: 'Paste it into a terminal.',
  js: 'Runs in Node and in browsers as it is.',
  python: 'Needs nothing but Python.',
  segment: 'Change host and key, nothing else. identify, track, page, group and alias arrive as they are.',
  posthog: 'Change host and key, nothing else. Events, identities and properties arrive as they are.',
};

/** Where a write key comes from, where it cannot be shown: keys are kept as hashes, and told once. */
const missingKey = ({ permissions, project }: SessionAnswer): ReactNode =>
  permissions.includes('project:admin') ? (
    <>
      Write keys are shown once, when they are made. For another one:{' '}
      <code>aevum keys create --project {project} --scope ingest --name web</code>
    </>
  ) : (
    'Whoever administers this project can give you a write key.'
  );

interface FirstEventProps {
  readonly session: SessionAnswer;
  /** The demo, for those who may start one. */
  readonly demo: WatchedDemo | undefined;
  readonly onProject: (project: string) => void;
}

/** What a project without events shows: how to send the first one. It turns into the live page by itself when that arrives. */
export const FirstEvent = ({ session, demo, onProject }: FirstEventProps): ReactNode => {
  const [way, setWay] = useState<Way>('curl');
  const key = session.write_key ?? KEY_STAND_IN;
  return (
    <div className="start">
      <header className="start-head">
        <p className="start-waiting" role="status">
          <span className="beacon" aria-hidden="true" /> Waiting for the first event
        </p>
        <h1>Send your first event</h1>
        <p>It appears here within a second, with the way it took. This page notices by itself.</p>
      </header>
      <section className="card start-ways" aria-label="Ways to send an event">
        <Tabs
          label="Ways to send an event"
          tabs={WAYS.map((value) => ({ value, text: WAY_NAMES[value] }))}
          value={way}
          onChange={setWay}
        >
          <CodeBlock label={`${WAY_NAMES[way]} text`} text={snippet(way, { url: session.public_url, key })} />
          <p className="quiet">
            {HINTS[way]}
            {session.write_key === null ? <> {missingKey(session)}</> : null}
          </p>
        </Tabs>
      </section>
      {demo === undefined ? null : <DemoCard demo={demo} onProject={onProject} />}
      <p className="start-more">
        History in files? <code>aevum import FILE</code> takes CSV, NDJSON, JSON and Parquet. Everything else:{' '}
        <a href="/api/docs">API reference</a>
      </p>
    </div>
  );
};

import './start.css';
import { type ReactNode, useState } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { CodeBlock, Tabs } from '../design/index.ts';
import { ArrivedRefused } from './arrived-refused.tsx';
import type { WatchedDemo } from './demo.ts';
import { DemoCard } from './demo-card.tsx';
import { KEY_STAND_IN, snippet, type Way, WAY_NAMES, WAYS } from './snippets.ts';

const HINTS: Readonly<Record<Way, ReactNode>> = {
  curl: 'Paste it into a terminal.',
  page: "Into the head of your pages. It counts each page that is opened; aevum.track('sign_up') says more.",
  js: 'Runs in Node and in browsers as it is.',
  python: 'Needs nothing but Python.',
  segment: 'Change host and key, nothing else. identify, track, page, group and alias arrive as they are.',
  posthog: 'Change host and key, nothing else. Events, identities and properties arrive as they are.',
};

/** Where a write key comes from, where it cannot be shown: keys are kept as hashes, and told once. */
const MissingKey = ({ permissions, project }: SessionAnswer): ReactNode =>
  permissions.includes('project:admin') ? (
    <>
      <p>Write keys are shown once, when they are made. For another one, in a terminal beside the server:</p>
      <CodeBlock
        label="Command for a write key"
        text={`aevum keys create --project ${project} --scope ingest --name web`}
      />
    </>
  ) : (
    <p>Whoever administers this project can give you a write key.</p>
  );

interface FirstEventProps {
  readonly session: SessionAnswer;
  /** The demo, for those who may start one. */
  readonly demo: WatchedDemo | undefined;
  readonly onProject: (project: string) => void;
}

const Ways = ({ session }: { readonly session: SessionAnswer }): ReactNode => {
  const [way, setWay] = useState<Way>('curl');
  const key = session.write_key ?? KEY_STAND_IN;
  return (
    <div className="start-ways">
      <Tabs
        label="Ways to send an event"
        tabs={WAYS.map((value) => ({ value, text: WAY_NAMES[value] }))}
        value={way}
        onChange={setWay}
      >
        <CodeBlock label={`${WAY_NAMES[way]} text`} text={snippet(way, { url: session.public_url, key })} />
        <p className="quiet">{HINTS[way]}</p>
      </Tabs>
    </div>
  );
};

/** What a project without events shows: three steps to the first one. It turns into the live page by itself when that arrives. */
export const FirstEvent = ({ session, demo, onProject }: FirstEventProps): ReactNode => (
  <div className="start">
    <header className="start-head">
      <h1>Send your first event</h1>
      <p>Three steps, the last of which happens by itself.</p>
    </header>
    <ol className="card start-steps">
      <li className="start-step">
        <h2>Take the write key</h2>
        {session.write_key === null ? (
          <MissingKey {...session} />
        ) : (
          <>
            <CodeBlock label="Write key" text={session.write_key} />
            <p className="quiet">
              It may send events of this project, and nothing else: it can stand in a page.
            </p>
          </>
        )}
      </li>
      <li className="start-step">
        <h2>Send an event with it</h2>
        <Ways session={session} />
      </li>
      <li className="start-step">
        <h2>See it arrive</h2>
        <p className="start-waiting" role="status">
          <span className="beacon" aria-hidden="true" /> Waiting for the first event
        </p>
        <p className="quiet">
          It appears here within a second, with the way it took. This page notices by itself.
        </p>
        <ArrivedRefused project={session.project} />
      </li>
    </ol>
    {demo === undefined ? null : <DemoCard demo={demo} onProject={onProject} />}
    <p className="start-more">
      History in files? <code>aevum import FILE</code> takes CSV, NDJSON, JSON and Parquet. Everything else:{' '}
      <a href="/api/docs">API reference</a>
    </p>
  </div>
);

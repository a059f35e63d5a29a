import { type ReactNode, useCallback, useEffect, useEffectEvent, useRef } from 'react';
import type { SessionAnswer } from '../../src/contract/session.ts';
import { type ApiError, ask, pathOf, signedOutStore } from './data/api.ts';
import { LiveConnection } from './data/live-context.tsx';
import { usePolled } from './data/use-polled.ts';
import { Button, Notice, Toasts, toast } from './design/index.ts';
import { addressStore, changeAddress, pathStore } from './lib/address.ts';
import { projectZoneStore } from './lib/time-zone.ts';
import { useStore } from './lib/use-store.ts';
import { ConnectionBanner, ConnectionStatus } from './shell/connection-status.tsx';
import { HealthBanner } from './shell/health-banner.tsx';
import { Mark } from './shell/mark.tsx';
import { PageView } from './page-view.tsx';
import { PAGES } from './pages.ts';
import { Shell } from './shell/shell.tsx';
import type { DemoAnswer } from '../../src/contract/demo.ts';
import { DEMO_PROJECT, useDemo, type WatchedDemo } from './start/demo.ts';
import { DemoBanner, DemoChip } from './start/demo-chip.tsx';

const SESSION_EVERY_MS = 60_000;

const Alone = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <main className="alone">
    <Mark size={40} />
    {children}
  </main>
);

const SignedOut = (): ReactNode => (
  <Alone>
    <Notice
      isPage
      title="You are signed out"
      action={
        <Button kind="primary" onClick={() => location.assign('/')}>
          Sign in
        </Button>
      }
    >
      The session ended. <code>aevum login</code> prints a link that signs you in again.
    </Notice>
  </Alone>
);

/** It is not known yet who is signed in, or cannot be. */
const Unknown = ({
  error,
  again,
}: {
  readonly error: ApiError | undefined;
  readonly again: () => void;
}): ReactNode => (
  <Alone>
    {error === undefined ? null : (
      <Notice
        isPage
        kind="error"
        title={error.status === 0 ? 'The server does not answer' : 'This did not work'}
        action={<Button onClick={again}>Try now</Button>}
      >
        {error.message} It is tried again by itself.
        {error.status === 0 ? null : (
          <p>
            <a href="/">To the first project</a>
          </p>
        )}
      </Notice>
    )}
  </Alone>
);

/** Who is signed in; without a project named, the first that the session sees. */
const useSession = (wanted: string | undefined) =>
  usePolled(
    `session of ${wanted ?? ''}`,
    (signal) =>
      ask<SessionAnswer>(wanted === undefined ? '/api/session' : pathOf('/api/session', wanted), { signal }),
    { everyMs: SESSION_EVERY_MS, ease: 1, onlyChanges: true },
  );

const leaveDemo = (): void => changeAddress({ project: null, range: null, from: null, to: null });

/** States of a demo that goes away or is gone. */
const GOING: ReadonlySet<DemoAnswer['state']> = new Set(['stopping', 'clearing', 'absent']);

/** Learns of new projects when the demo becomes something else. When its project is gone, whoever removed it, the page leaves it. */
const useDemoChanges = ({ demo }: WatchedDemo, project: string | undefined, again: () => void): void => {
  const state = demo?.state;
  const before = useRef(state);
  const onChange = useEffectEvent(async (): Promise<void> => {
    const isOnDemo = project === DEMO_PROJECT;
    // Of a project that goes away there is no session to be asked for.
    if (!isOnDemo || state === undefined || !GOING.has(state)) again();
    if (state !== 'absent') return;
    // A server that has just started may not know yet of the demo that it goes on with.
    const { projects } = await ask<SessionAnswer>('/api/session');
    if (projects.some(({ name }) => name === DEMO_PROJECT)) return;
    toast('The demo is gone, with all its events.');
    if (isOnDemo) leaveDemo();
  });
  useEffect(() => {
    const was = before.current;
    if (state === undefined || was === state) return;
    before.current = state;
    if (was === undefined) return;
    onChange().catch(() => undefined);
  }, [state]);
};

const signOut = async (): Promise<void> => {
  await ask('/api/session', { method: 'DELETE' }).catch(() => undefined);
  location.assign('/');
};

/** Times go by the zone of the project that is shown, where that was chosen. */
const useProjectZone = (session: SessionAnswer | undefined): void => {
  const zone = session?.projects.find(({ name }) => name === session.project)?.timezone ?? undefined;
  useEffect(() => projectZoneStore.set(zone), [zone]);
};

/** All of it: who is signed in, which project, and the page. */
export const App = (): ReactNode => {
  const search = useStore(addressStore);
  const path = useStore(pathStore);
  const isSignedOut = useStore(signedOutStore);
  const wanted = new URLSearchParams(search).get('project') ?? undefined;
  const { data: session, error, again } = useSession(wanted);
  const demo = useDemo(!isSignedOut);
  useDemoChanges(demo, session?.project, again);
  useProjectZone(session);
  const toProject = useCallback(
    (name: string) => changeAddress({ project: name, range: null, from: null, to: null }, { isStep: true }),
    [],
  );
  const toOthers = (): void => {
    leaveDemo();
    demo.again();
    toast('The demo is being removed.');
  };
  if (isSignedOut) return <SignedOut />;
  if (session === undefined) return <Unknown error={error} again={again} />;
  const { project } = session;
  return (
    <LiveConnection key={project} project={project}>
      <Shell
        session={session}
        project={project}
        pages={PAGES}
        path={path}
        onProject={toProject}
        onSignOut={() => void signOut()}
      >
        <ConnectionBanner />
        <HealthBanner project={project} />
        {project === DEMO_PROJECT ? <DemoBanner demo={demo} /> : null}
        <PageView
          path={path}
          session={session}
          project={project}
          onProject={toProject}
          demo={demo}
          status={
            <>
              <ConnectionStatus />
              {project === DEMO_PROJECT ? <DemoChip demo={demo} onCleared={toOthers} /> : null}
            </>
          }
        />
      </Shell>
      <Toasts />
    </LiveConnection>
  );
};

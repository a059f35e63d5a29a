import type { ReactNode } from 'react';
import type { DoctorAnswer, Examination } from '../../../src/contract/doctor.ts';
import { useDoctor, useRunDoctor } from '../data/system.ts';
import { Button, Card, Icon, Loaded, Notice, Skeleton } from '../design/index.ts';
import { duration } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { OperatorOnly } from './operator-only.tsx';

type Finding = Examination['findings'][number];

const WEIGHT = { failed: 0, warning: 1, ok: 2 } as const;
const STATE_TEXT = { ok: 'well', warning: 'look at it', failed: 'does not work' } as const;

const summaryOf = ({ findings }: Examination): string => {
  const failed = findings.filter(({ state }) => state === 'failed').length;
  const warned = findings.filter(({ state }) => state === 'warning').length;
  const of = `of ${findings.length} checks`;
  if (failed > 0) return `${failed} ${of} failed${warned > 0 ? `, ${warned} more have advice` : ''}`;
  return warned > 0 ? `${warned} ${of} have advice` : `All ${findings.length} checks are well`;
};

const FindingRow = ({ finding }: { readonly finding: Finding }): ReactNode => {
  const { check, about, state, detail, advice } = finding;
  return (
    <li data-state={state}>
      <Icon name={state === 'ok' ? 'check' : 'warning'} size={14} />
      <div className="doctor-name">
        <strong>{check}</strong>
        <span className="doctor-state">{STATE_TEXT[state]}</span>
      </div>
      <div className="doctor-words">
        <p>{detail}</p>
        {advice === null ? null : <p className="doctor-advice">{advice}</p>}
        <p className="quiet">{about}</p>
      </div>
    </li>
  );
};

interface FoundProps {
  readonly answer: DoctorAnswer;
  readonly isBusy: boolean;
  readonly onRun: () => void;
}

const Found = ({ answer: { last, running }, isBusy, onRun }: FoundProps): ReactNode => {
  const zone = useTimeZone();
  const isRunning = running || isBusy;
  const run = (
    <Button kind="primary" icon={isRunning ? 'clock' : 'pulse'} disabled={isRunning} onClick={onRun}>
      {isRunning ? 'The checks run' : 'Run the checks'}
    </Button>
  );
  if (last === null)
    return (
      <Card title="Doctor">
        <Notice icon="pulse" title="The checks were not run since the start" action={run}>
          They look at the machine, its disk, the log, the engine, and what the parts say of themselves, and
          tell what to do. That takes some seconds and changes nothing.
        </Notice>
      </Card>
    );
  const findings = [...last.findings].sort((a, b) => WEIGHT[a.state] - WEIGHT[b.state]);
  return (
    <Card
      title={summaryOf(last)}
      aside={
        <>
          <span className="quiet doctor-when">
            {instantIn(last.at, zone)}, in {duration(last.elapsed_ms)}
          </span>
          {run}
        </>
      }
    >
      <ul className="doctor-findings" aria-busy={isRunning}>
        {findings.map((finding) => (
          <FindingRow key={finding.check} finding={finding} />
        ))}
      </ul>
      <p className="quiet">
        <code>aevum doctor</code> on the machine also reads every checksum of the log and tries an engine of
        its own; <code>aevum verify</code> proves the audit log.
      </p>
    </Card>
  );
};

const Examined = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error, again } = useDoctor(project);
  const examine = useRunDoctor(project);
  const attempt = useAttempt();
  return (
    <>
      <p className="unseen" role="status">
        {attempt.isBusy ? 'The checks run.' : data?.last ? summaryOf(data.last) : ''}
      </p>
      {attempt.trouble === undefined ? null : (
        <Notice kind="error" icon="warning" title="The checks could not be run">
          {attempt.trouble}
        </Notice>
      )}
      <Loaded
        data={data}
        error={error?.message}
        trouble="What was found could not be read"
        again={again}
        loading={<Skeleton height="16rem" />}
      >
        {(answer) => (
          <Found
            answer={answer}
            isBusy={attempt.isBusy}
            onRun={() => attempt.run(() => examine(undefined))}
          />
        )}
      </Loaded>
    </>
  );
};

/** The checks of the platform as it runs: what was found last, and a way to run them. */
export const DoctorPart = ({ project, session }: PageProps): ReactNode => (
  <OperatorOnly session={session} project={project} what="the doctor">
    <Examined project={project} />
  </OperatorOnly>
);

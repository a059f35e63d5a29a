import { memo, type ReactNode, useMemo, useState } from 'react';
import { EventPicker } from '../ask/event-picker.tsx';
import { usePolledQuestion } from '../data/questions.ts';
import {
  Button,
  Card,
  Dialog,
  Fresh,
  IconButton,
  Loaded,
  Notice,
  Segmented,
  Skeleton,
} from '../design/index.ts';
import { defaultDisplay } from '../insight/display.ts';
import { FunnelView } from '../insight/funnel-view.tsx';
import { useTimeZone } from '../lib/time-zone.ts';
import { useLast } from '../lib/use-last.ts';
import { STEPS_MAX } from './choices.ts';
import type { Range } from './range.ts';
import { whyOf } from './said.tsx';
import { type Chosen, useChoices } from './use-choices.ts';

const EVERY_MS = 5_000;
const NOW: Range = { kind: 'live', span: '30m' };

interface StepsDialogProps {
  readonly project: string;
  readonly chosen: Chosen;
  readonly onClose: () => void;
}

const ACTORS = [
  { value: 'session', text: 'Sessions' },
  { value: 'user', text: 'Users' },
] as const;

/** Which steps the funnel has, and who takes them. */
const StepsDialog = ({ project, chosen, onClose }: StepsDialogProps): ReactNode => {
  const [steps, setSteps] = useState<readonly string[]>(chosen.steps.length < 2 ? ['', ''] : chosen.steps);
  const [actor, setActor] = useState(chosen.actor);
  const isWhole = steps.length >= 2 && steps.every((step) => step !== '');
  return (
    <Dialog title="Steps of the funnel" onClose={onClose}>
      <form
        className="here-steps"
        onSubmit={(event) => {
          event.preventDefault();
          chosen.choose({ steps, actor });
          onClose();
        }}
      >
        {steps.map((step, index) => (
          <div className="here-step" key={index}>
            <span className="number quiet">{index + 1}</span>
            <EventPicker
              project={project}
              label={`Step ${index + 1}`}
              value={step === '' ? undefined : step}
              onChange={(type) => setSteps(steps.with(index, type))}
            />
            <IconButton
              icon="close"
              size="small"
              label={`Remove step ${index + 1}`}
              disabled={steps.length <= 2}
              onClick={() => setSteps(steps.toSpliced(index, 1))}
            />
          </div>
        ))}
        <Button
          size="small"
          icon="plus"
          disabled={steps.length >= STEPS_MAX}
          onClick={() => setSteps([...steps, ''])}
        >
          Add a step
        </Button>
        <Segmented label="Who takes the steps" options={ACTORS} value={actor} onChange={setActor} />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={!isWhole}>
            Show
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

interface FunnelProps {
  readonly project: string;
  readonly steps: readonly string[];
  readonly actor: 'user' | 'session';
}

const useNowFunnel = ({ project, steps, actor }: FunnelProps) => {
  const question = useMemo(
    () =>
      steps.length < 2
        ? null
        : { kind: 'funnel' as const, steps: [...steps], actor, window: '5m', range: 'last 5 minutes' },
    [steps, actor],
  );
  const asked = usePolledQuestion(project, question, EVERY_MS);
  const { data } = asked;
  const answered = useMemo(
    () => (question === null || data === undefined ? undefined : { question, answer: data }),
    [question, data],
  );
  return { question, asked, shown: useLast(answered) };
};

const Funnel = ({ question, asked, shown }: ReturnType<typeof useNowFunnel>): ReactNode => {
  const zone = useTimeZone();
  if (question === null)
    return <Notice title="No steps yet">Choose two or more types of events that follow each other.</Notice>;
  return (
    <Loaded
      data={shown}
      error={whyOf(asked.error?.message)}
      trouble="This could not be counted"
      loading={<Skeleton height="100%" />}
    >
      {(last) => (
        <div className="here-funnel-body" data-old={asked.data === undefined ? '' : undefined}>
          <FunnelView
            {...last}
            display={{ ...defaultDisplay(last.question), as: 'bar' }}
            isCompact
            zone={zone}
            marks={[]}
          />
        </div>
      )}
    </Loaded>
  );
};

const NO_STEPS: readonly string[] = [];

interface HereFunnelCardProps extends ReturnType<typeof useChoices> {
  readonly project: string;
}

const HereFunnelCard = memo(({ project, chosen, error }: HereFunnelCardProps): ReactNode => {
  const [isChoosing, setChoosing] = useState(false);
  const funnel = useNowFunnel({
    project,
    steps: chosen?.steps ?? NO_STEPS,
    actor: chosen?.actor ?? 'session',
  });
  return (
    <Card
      title="Funnel of the last 5 minutes"
      className="here-funnel"
      aside={
        <>
          <Fresh atMs={funnel.asked.atMs} />
          <Button size="small" disabled={chosen === undefined} onClick={() => setChoosing(true)}>
            Steps
          </Button>
        </>
      }
    >
      <Loaded
        data={chosen}
        error={whyOf(error)}
        trouble="This could not be counted"
        loading={<Skeleton height="100%" />}
      >
        {() => <Funnel {...funnel} />}
      </Loaded>
      {isChoosing && chosen !== undefined ? (
        <StepsDialog project={project} chosen={chosen} onClose={() => setChoosing(false)} />
      ) : null}
    </Card>
  );
});
HereFunnelCard.displayName = 'HereFunnelCard';

/** How many of those who came in the last 5 minutes went how far. */
export const HereFunnel = ({ project }: { readonly project: string }): ReactNode => (
  <HereFunnelCard project={project} {...useChoices(project, NOW)} />
);

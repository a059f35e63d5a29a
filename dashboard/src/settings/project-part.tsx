import { type ReactNode, useState } from 'react';
import type { ProjectsAnswer } from '../../../src/contract/projects.ts';
import { useChangeProject, useMakeProject, useMe, useProjects, useRemoveProject } from '../data/settings.ts';
import {
  Button,
  Card,
  type Column,
  Combobox,
  Dialog,
  DialogForm,
  Field,
  FieldError,
  Loaded,
  Select,
  Skeleton,
  Table,
  TextField,
  toast,
} from '../design/index.ts';
import { BROWSER_ZONE, projectZoneStore, useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { useStore } from '../lib/use-store.ts';
import { dateIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { administers, Lacking } from './lacking.tsx';
import { ShownOnce } from './shown-once.tsx';

type Project = ProjectsAnswer['projects'][number];

/** Stands for no zone; no zone is called so. */
const NO_ZONE = '';

const ZONES = [
  { value: NO_ZONE, text: `That of the browser (here ${BROWSER_ZONE})` },
  ...['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')].map((value) => ({
    value,
  })),
];

const Zone = ({ project }: { readonly project: string }): ReactNode => {
  const zone = useStore(projectZoneStore);
  const change = useChangeProject(project);
  const attempt = useAttempt();
  const choose = (value: string): void =>
    attempt.run(async () => {
      const timezone = value === NO_ZONE ? null : value;
      await change({ timezone });
      projectZoneStore.set(timezone ?? undefined);
      toast(
        timezone === null ? 'Pages go by the clock of the browser.' : `Pages go by the clock of ${timezone}.`,
      );
    });
  return (
    <Field
      label="Time zone"
      note="Days, weeks and months of its pages begin by this clock, for everybody who does not choose another one in the preferences."
      error={attempt.trouble}
    >
      {({ id }) => (
        <Combobox
          id={id}
          className="settings-zone"
          label="Time zone"
          options={ZONES}
          value={zone ?? NO_ZONE}
          isDisabled={attempt.isBusy}
          onChange={choose}
        />
      )}
    </Field>
  );
};

const NewProject = ({
  project,
  onMade,
  onClose,
}: {
  readonly project: string;
  readonly onMade: (name: string, key: string) => void;
  readonly onClose: () => void;
}): ReactNode => {
  const [name, setName] = useState('');
  const { data: me } = useMe(project);
  const [organisation, setOrganisation] = useState<string>();
  const make = useMakeProject(project);
  const attempt = useAttempt();
  const own = organisation ?? me?.projects.find((each) => each.name === project)?.organisation ?? 'default';
  return (
    <DialogForm
      title="New project"
      action="Make it"
      attempt={attempt}
      isDisabled={name.trim() === ''}
      onSubmit={async () => {
        const { project: made, write_key: key } = await make({ name: name.trim(), organisation: own });
        onMade(made.name, key);
      }}
      onClose={onClose}
    >
      <TextField
        label="Name"
        note="Lower-case letters, digits and hyphens. It cannot be changed."
        value={name}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        onChange={setName}
      />
      <Field label="Organisation">
        {({ id }) => (
          <Select
            id={id}
            label="Organisation"
            options={(me?.organisations ?? []).map((each) => ({ value: each.id, text: each.name }))}
            value={own}
            onChange={setOrganisation}
          />
        )}
      </Field>
    </DialogForm>
  );
};

/** Asks for the name, so that nobody removes one by a slip. */
const RemoveProject = ({
  project,
  name,
  onClose,
}: {
  readonly project: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode => {
  const [typed, setTyped] = useState('');
  const remove = useRemoveProject(project);
  const attempt = useAttempt();
  return (
    <Dialog title={`Remove the project ${name}?`} onClose={onClose}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name)
            attempt.run(async () => {
              await remove(name);
              toast(`The project ${name} is being removed.`);
              onClose();
            });
        }}
      >
        <p className="dialog-words">
          Its events, refused events, books, keys and everything saved in it go. There is no way back.
        </p>
        <TextField label={`Type ${name} to confirm`} value={typed} autoComplete="off" onChange={setTyped} />
        <FieldError text={attempt.trouble} />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" disabled={typed !== name || attempt.isBusy}>
            Remove it for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

interface Making {
  readonly name: string;
  readonly key: string;
}

const projectColumns = (
  zone: string,
  isOperator: boolean,
  onProject: (name: string) => void,
  onRemove: (name: string) => void,
): readonly Column<Project>[] => [
  {
    key: 'name',
    head: 'Name',
    cell: ({ name, removing: goes }) =>
      goes ? (
        <span className="quiet">{name}, being removed</span>
      ) : (
        <button type="button" className="settings-link" onClick={() => onProject(name)}>
          {name}
        </button>
      ),
  },
  { key: 'zone', head: 'Time zone', isWide: true, cell: ({ timezone }) => timezone ?? 'of the browser' },
  { key: 'made', head: 'Made', isWide: true, cell: ({ created_at: at }) => dateIn(at, zone) },
  {
    key: 'do',
    head: '',
    isNumber: true,
    cell: ({ name, removing: goes }) =>
      isOperator && !goes && name !== 'default' && name !== 'demo' ? (
        <Button size="small" kind="danger" onClick={() => onRemove(name)}>
          Remove
        </Button>
      ) : null,
  },
];

const Projects = ({ project, session, onProject }: PageProps): ReactNode => {
  const { data, error, again } = useProjects(project);
  const zone = useTimeZone();
  const [isNew, setNew] = useState(false);
  const [made, setMade] = useState<Making>();
  const [removing, setRemoving] = useState<string>();
  const isOperator = session.permissions.includes('platform:admin');
  return (
    <Card
      title="Projects"
      aside={
        isOperator ? (
          <Button size="small" icon="plus" onClick={() => setNew(true)}>
            New project
          </Button>
        ) : undefined
      }
      className="settings-list"
    >
      <Loaded
        data={data}
        error={error?.message}
        trouble="Projects could not be listed"
        again={again}
        loading={<Skeleton height="8rem" />}
      >
        {({ projects }) => (
          <Table
            caption="Projects"
            columns={projectColumns(zone, isOperator, onProject, setRemoving)}
            rows={projects}
            keyOf={({ name, created_at: at }) => `${name} ${at}`}
          />
        )}
      </Loaded>
      {isNew ? (
        <NewProject
          project={project}
          onMade={(name, key) => {
            setNew(false);
            setMade({ name, key });
          }}
          onClose={() => setNew(false)}
        />
      ) : null}
      {made === undefined ? null : (
        <ShownOnce
          title={`The project ${made.name} is made`}
          label="the write key"
          text={made.key}
          onClose={() => {
            setMade(undefined);
            onProject(made.name);
          }}
        >
          This key sends events to it. It is shown here and never again; more are made under Keys.
        </ShownOnce>
      )}
      {removing === undefined ? null : (
        <RemoveProject project={project} name={removing} onClose={() => setRemoving(undefined)} />
      )}
    </Card>
  );
};

/** The project that is shown, and the others. */
export const ProjectPart = (props: PageProps): ReactNode => {
  const { project, session } = props;
  if (!administers(session)) return <Lacking session={session} title="You may not change the project" />;
  return (
    <div className="settings-parts">
      <Card title={`The project ${project}`}>
        <Zone project={project} />
      </Card>
      <Projects {...props} />
    </div>
  );
};

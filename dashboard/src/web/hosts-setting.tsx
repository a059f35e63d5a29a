import { type ReactNode, useState } from 'react';
import { Button, Icon, Popover, TextArea } from '../design/index.ts';
import { hostsOf, keepHosts, ownHosts } from './hosts.ts';

interface FormProps {
  readonly now: readonly string[];
  readonly onSave: (hosts: readonly string[]) => void;
}

const Form = ({ now, onSave }: FormProps): ReactNode => {
  const [text, setText] = useState(now.join('\n'));
  return (
    <form
      className="web-hosts"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(hostsOf(text));
      }}
    >
      <TextArea
        label="Hosts of your own site"
        note="One a line. A visit that begins with a link from one of them came directly, not from another site."
        placeholder="shop.example"
        rows={4}
        spellCheck={false}
        value={text}
        onChange={setText}
      />
      <Button type="submit" kind="primary">
        Apply
      </Button>
    </form>
  );
};

interface HostsSettingProps {
  readonly search: string;
  readonly project: string;
  readonly onChange: (parameters: Readonly<Record<string, string | null>>) => void;
}

/** Which hosts are the site itself. */
export const HostsSetting = ({ search, project, onChange }: HostsSettingProps): ReactNode => {
  const now = ownHosts(search, project);
  return (
    <Popover
      align="end"
      className="button"
      button={
        <>
          <Icon name="globe" size={14} />
          {now.length === 0 ? 'Own hosts' : `Own hosts: ${now.length}`}
        </>
      }
    >
      {(close) => (
        <Form
          now={now}
          onSave={(hosts) => {
            keepHosts(project, hosts);
            onChange({ hosts: hosts.length === 0 ? null : hosts.join(',') });
            close();
          }}
        />
      )}
    </Popover>
  );
};

import type { ReactNode } from 'react';
import type { WebAnswer } from '../../../src/contract/web.ts';
import { rangeWords } from '../ask/range.ts';
import { Switch } from '../design/index.ts';

interface CompareSwitchProps {
  readonly isOn: boolean;
  readonly answer: WebAnswer | undefined;
  readonly zone: string;
  readonly onChange: (parameters: Readonly<Record<string, string | null>>) => void;
}

/** Whether the period before is shown beside. */
export const CompareSwitch = ({ isOn, answer, zone, onChange }: CompareSwitchProps): ReactNode => {
  const before = answer?.previous_range;
  return (
    <span
      className="web-compare"
      title={before === null || before === undefined ? undefined : `Against ${rangeWords(before, zone)}`}
    >
      <Switch label="Compare" isOn={isOn} onChange={(next) => onChange({ compare: next ? null : 'off' })} />
    </span>
  );
};

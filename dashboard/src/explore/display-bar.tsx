import type { ReactNode } from 'react';
import type { Display } from '../../../src/contract/insights.ts';
import { Checkbox, Icon, Popover, Select } from '../design/index.ts';
import { DISPLAY_WORDS, type DisplayInput, DISPLAYS, displayOf } from '../insight/display.ts';
import { REVENUE_FIGURES, SESSION_FIGURES } from '../insight/timed.ts';
import { NumberField } from './forms/controls.tsx';
import type { Kind, Question } from './kinds.ts';

interface DisplayBarProps {
  readonly question: Question;
  readonly display: DisplayInput;
  readonly onChange: (display: DisplayInput) => void;
}

const wordsOf = (figures: Readonly<Record<string, readonly [string, unknown]>>) =>
  Object.entries(figures).map(([value, [text]]) => ({ value, text }));

/** Numbers that may be drawn, where an answer has several. */
const FIGURES: Readonly<Partial<Record<Kind, readonly { readonly value: string; readonly text: string }[]>>> =
  {
    sessions: wordsOf(SESSION_FIGURES),
    revenue: wordsOf(REVENUE_FIGURES),
  };

/** A change of a display: undefined makes it as usual again. */
type Patch = { readonly [Name in keyof Display]?: Display[Name] | undefined };

/** What is left of a display when what is as usual is taken away. */
const withChange = (display: DisplayInput, patch: Patch): DisplayInput =>
  Object.fromEntries(Object.entries({ ...display, ...patch }).filter(([, value]) => value !== undefined));

const flag = (isOn: boolean, usual: boolean): boolean | undefined => (isOn === usual ? undefined : isOn);

const Options = ({
  shown,
  put,
}: {
  readonly shown: Display;
  readonly put: (patch: Patch) => void;
}): ReactNode => (
  <div className="display-options">
    {shown.as === 'area' || shown.as === 'bar' ? (
      <Checkbox label="Stacked" isOn={shown.stacked} onChange={(stacked) => put({ stacked })} />
    ) : null}
    <Checkbox label="Legend" isOn={shown.legend} onChange={(isOn) => put({ legend: flag(isOn, true) })} />
    <Checkbox
      label="Numbers beside"
      isOn={shown.labels}
      onChange={(isOn) => put({ labels: flag(isOn, false) })}
    />
    <Checkbox
      label="Logarithmic"
      isOn={shown.scale === 'log'}
      onChange={(isOn) => put({ scale: isOn ? 'log' : undefined })}
    />
    <label className="form-row-line">
      <span className="form-row-title">Unit</span>
      <input
        className="input form-number"
        maxLength={20}
        placeholder="%"
        value={shown.unit}
        onChange={({ target }) => put({ unit: target.value === '' ? undefined : target.value })}
      />
    </label>
    <div className="form-row-line">
      <span className="form-row-title">Decimals</span>
      <NumberField
        label="Decimals"
        placeholder="fitting"
        value={shown.decimals}
        onChange={(decimals) =>
          put({
            decimals: decimals === undefined ? undefined : Math.max(0, Math.min(6, Math.round(decimals))),
          })
        }
      />
    </div>
    <div className="form-row-line">
      <span className="form-row-title">Goal</span>
      <NumberField label="Goal" placeholder="none" value={shown.goal} onChange={(goal) => put({ goal })} />
    </div>
  </div>
);

/** A display that says which number is drawn, where there are several: the bar offers the choice, the drawing need not. */
export const withFigure = (question: Question, display: DisplayInput): DisplayInput => {
  const first = FIGURES[question.kind]?.[0]?.value;
  return first === undefined || display.measure !== undefined ? display : { ...display, measure: first };
};

/** How the answer is drawn. */
export const DisplayBar = ({ question, display, onChange }: DisplayBarProps): ReactNode => {
  const shown = displayOf(question, display);
  const put = (patch: Patch): void => onChange(withChange(display, patch));
  const figures = FIGURES[question.kind];
  return (
    <>
      {figures === undefined || shown.as === 'table' ? null : (
        <Select
          label="What is drawn"
          value={shown.measure ?? figures[0]?.value}
          options={figures}
          onChange={(measure) => put({ measure })}
        />
      )}
      <Select
        label="Drawn as"
        value={shown.as}
        options={DISPLAYS[question.kind].map((value) => ({ value, text: DISPLAY_WORDS[value] }))}
        onChange={(as) => put({ as })}
      />
      <Popover
        label="How it is drawn"
        className="button"
        align="end"
        button={
          <>
            <Icon name="gear" size={14} />
            <span className="unseen">How it is drawn</span>
          </>
        }
      >
        <Options shown={shown} put={put} />
      </Popover>
    </>
  );
};

import { type ReactNode, useState } from 'react';
import type { Tile, Variable } from '../../../src/contract/boards.ts';
import type { Display } from '../../../src/contract/insights.ts';
import { Button, Checkbox, Dialog, Segmented, Select, TextArea, TextField } from '../design/index.ts';
import { Markdown } from '../design/markdown.tsx';
import { DISPLAY_WORDS, displayOf as inFull, DISPLAYS } from '../insight/display.ts';
import { displayOf, type Insights, questionOf } from './tile-facts.ts';

interface TileDialogProps {
  readonly tile: Tile;
  readonly insights: Insights;
  readonly variables: readonly Variable[];
  readonly onChange: (tile: Tile) => void;
  readonly onClose: () => void;
}

const TITLE_MAX = 200;
const TEXT_MAX = 10_000;
const DECIMALS_MAX = 6;

interface FormProps {
  readonly title: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const Form = ({ title, onDone, onClose, children }: FormProps): ReactNode => (
  <Dialog title={title} isWide onClose={onClose}>
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
      }}
    >
      {children}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary">
          Done
        </Button>
      </div>
    </form>
  </Dialog>
);

const TextTileDialog = ({
  tile,
  onChange,
  onClose,
}: Pick<TileDialogProps, 'onChange' | 'onClose'> & {
  readonly tile: Extract<Tile, { readonly kind: 'text' }>;
}): ReactNode => {
  const [title, setTitle] = useState(tile.title);
  const [text, setText] = useState(tile.text);
  return (
    <Form
      title="Text"
      onClose={onClose}
      onDone={() => {
        onChange({ ...tile, title, text });
        onClose();
      }}
    >
      <TextField
        label="Title"
        note="Without one, the text stands on the board by itself."
        value={title}
        onChange={setTitle}
        maxLength={TITLE_MAX}
      />
      <TextArea
        label="Text"
        note="# Heading, **strong**, *emphasis*, `code`, - list, 1. list, > quote, [link](https://...). HTML is shown as text."
        rows={8}
        value={text}
        onChange={setText}
        maxLength={TEXT_MAX}
      />
      {text.trim() === '' ? null : (
        <div className="text-preview" role="group" aria-label="How it will look">
          <Markdown text={text} />
        </div>
      )}
    </Form>
  );
};

interface DrawingProps {
  readonly display: Display;
  readonly choices: readonly Display['as'][];
  readonly onChange: (display: Display) => void;
}

const TIMED: ReadonlySet<Display['as']> = new Set(['line', 'area', 'bar']);

/** A number as it is typed; undefined where nothing is. */
const typed = (text: string): number | undefined =>
  text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text);

const Numbers = ({ display, onChange }: Pick<DrawingProps, 'display' | 'onChange'>): ReactNode => {
  const { goal, decimals, ...rest } = display;
  const put = (next: { readonly goal: number | undefined; readonly decimals: number | undefined }): void =>
    onChange({
      ...rest,
      ...(next.goal === undefined ? {} : { goal: next.goal }),
      ...(next.decimals === undefined
        ? {}
        : { decimals: Math.max(0, Math.min(DECIMALS_MAX, Math.round(next.decimals))) }),
    });
  return (
    <div className="drawing-fields">
      <TextField
        label="Unit"
        value={display.unit}
        maxLength={20}
        onChange={(unit) => onChange({ ...display, unit })}
      />
      <TextField
        label="Decimals"
        type="number"
        min={0}
        max={DECIMALS_MAX}
        value={decimals === undefined ? '' : String(decimals)}
        onChange={(text) => put({ goal, decimals: typed(text) })}
      />
      <TextField
        label="Goal"
        type="number"
        step="any"
        value={goal === undefined ? '' : String(goal)}
        onChange={(text) => put({ goal: typed(text), decimals })}
      />
    </div>
  );
};

/** So many stand beside each other. */
const SEGMENTS_MAX = 5;

const Drawing = ({ display, choices, onChange }: DrawingProps): ReactNode => {
  const put = (next: Partial<Display>): void => onChange({ ...display, ...next });
  const Chooser = choices.length > SEGMENTS_MAX ? Select : Segmented;
  return (
    <fieldset className="drawing">
      <legend className="field-label">Drawn as</legend>
      <Chooser
        label="Drawn as"
        options={choices.map((value) => ({ value, text: DISPLAY_WORDS[value] }))}
        value={display.as}
        onChange={(as) => put({ as })}
      />
      <div className="drawing-checks">
        {TIMED.has(display.as) ? (
          <>
            <Checkbox label="Stacked" isOn={display.stacked} onChange={(stacked) => put({ stacked })} />
            <Checkbox label="Legend" isOn={display.legend} onChange={(legend) => put({ legend })} />
            <Checkbox
              label="Logarithmic"
              isOn={display.scale === 'log'}
              onChange={(isLog) => put({ scale: isLog ? 'log' : 'linear' })}
            />
          </>
        ) : null}
        <Checkbox
          label="Numbers beside what is drawn"
          isOn={display.labels}
          onChange={(labels) => put({ labels })}
        />
      </div>
      <Numbers display={display} onChange={onChange} />
    </fieldset>
  );
};

const AskedTileDialog = ({
  tile,
  insights,
  variables,
  onChange,
  onClose,
}: Omit<TileDialogProps, 'tile'> & {
  readonly tile: Exclude<Tile, { readonly kind: 'text' }>;
}): ReactNode => {
  const question = questionOf(tile, insights);
  const [title, setTitle] = useState(tile.title);
  const [ignores, setIgnores] = useState<readonly string[]>(tile.ignores);
  const [display, setDisplay] = useState<Display>();
  const shown = display ?? (question === undefined ? undefined : inFull(question, displayOf(tile, insights)));
  const done = (): void => {
    onChange({
      ...tile,
      title,
      ignores: [...ignores],
      ...(display === undefined ? {} : { display }),
    });
    onClose();
  };
  return (
    <Form title="Tile" onClose={onClose} onDone={done}>
      <TextField
        label="Title"
        placeholder={tile.kind === 'insight' ? insights.get(tile.insight)?.name : undefined}
        value={title}
        onChange={setTitle}
        maxLength={TITLE_MAX}
      />
      {question === undefined || shown === undefined ? null : (
        <Drawing display={shown} choices={DISPLAYS[question.kind]} onChange={setDisplay} />
      )}
      {variables.length === 0 ? null : (
        <fieldset className="drawing">
          <legend className="field-label">Changed by</legend>
          <div className="drawing-checks">
            {variables.map(({ name, label }) => (
              <Checkbox
                key={name}
                label={label === '' ? name : label}
                isOn={!ignores.includes(name)}
                onChange={(isOn) =>
                  setIgnores(isOn ? ignores.filter((each) => each !== name) : [...ignores, name])
                }
              />
            ))}
          </div>
        </fieldset>
      )}
    </Form>
  );
};

/** What a tile is called, how it is drawn, and which variables change it; of a text, the text. */
export const TileDialog = ({ tile, ...rest }: TileDialogProps): ReactNode =>
  tile.kind === 'text' ? (
    <TextTileDialog tile={tile} onChange={rest.onChange} onClose={rest.onClose} />
  ) : (
    <AskedTileDialog tile={tile} {...rest} />
  );

import './range-picker.css';
import { type ReactNode, useState } from 'react';
import type { RangeInput } from '../../../src/contract/question.ts';
import { Button, Icon, Popover } from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { isoDayIn } from '../lib/zoned.ts';
import { RANGES, rangeIn, rangeOfDays, rangeParameters, rangeWords } from './range.ts';

/** The range that the page's address says, or `otherwise`; and how to change it, which the back button undoes. */
export const useRange = (otherwise: RangeInput): readonly [RangeInput, (range: RangeInput) => void] => {
  const search = useStore(addressStore);
  return [rangeIn(search) ?? otherwise, (range) => changeAddress(rangeParameters(range), { isStep: true })];
};

interface RangePickerProps {
  readonly value: RangeInput;
  readonly onChange: (range: RangeInput) => void;
  readonly label?: string;
}

const lastDayOf = (to: string): string =>
  new Date(Date.parse(to.slice(0, 10)) - 86_400_000).toISOString().slice(0, 10);

/** Days from one to another, by the clock that questions go by. */
const Days = ({ value, onChange }: RangePickerProps): ReactNode => {
  const zone = useTimeZone();
  const [today] = useState(() => isoDayIn(Date.now(), zone));
  const isDays = typeof value !== 'string' && /^\d{4}-\d{2}-\d{2}/u.test(String(value.from));
  const [from, setFrom] = useState(isDays ? String(value.from).slice(0, 10) : today);
  const [to, setTo] = useState(isDays && value.to !== undefined ? lastDayOf(String(value.to)) : today);
  const range = rangeOfDays(from, to);
  return (
    <form
      className="range-days"
      onSubmit={(event) => {
        event.preventDefault();
        if (range !== undefined) onChange(range);
      }}
    >
      <label className="field">
        <span className="field-label">From</span>
        <input
          className="input"
          type="date"
          value={from}
          max={to}
          onChange={({ target }) => setFrom(target.value)}
        />
      </label>
      <label className="field">
        <span className="field-label">To, included</span>
        <input
          className="input"
          type="date"
          value={to}
          min={from}
          onChange={({ target }) => setTo(target.value)}
        />
      </label>
      <Button type="submit" kind="primary" disabled={range === undefined}>
        Show
      </Button>
      <p className="field-note">
        {range === undefined ? 'The last day lies before the first.' : `Days of ${zone}.`}
      </p>
    </form>
  );
};

/** Which time is looked at: a span up to now, a calendar period, or days. */
export const RangePicker = ({ value, onChange, label = 'Time range' }: RangePickerProps): ReactNode => {
  const zone = useTimeZone();
  const words = rangeWords(value, zone);
  return (
    <Popover
      label={`${label}: ${words}`}
      align="end"
      button={
        <>
          <Icon name="calendar" size={14} />
          {words}
          <Icon name="chevron" size={12} />
        </>
      }
    >
      {(close) => {
        const choose = (range: RangeInput): void => {
          onChange(range);
          close();
        };
        return (
          <div className="range-picker">
            <div className="range-spans">
              {RANGES.map((column) => (
                <div key={column[0]} className="range-column">
                  {column.map((range) => (
                    <button
                      key={range}
                      type="button"
                      className="menu-item"
                      aria-pressed={range === value}
                      onClick={() => choose(range)}
                    >
                      {rangeWords(range, zone)}
                    </button>
                  ))}
                </div>
              ))}
            </div>
            <Days value={value} onChange={choose} />
          </div>
        );
      }}
    </Popover>
  );
};

import './horizontal-bars.css';
import type { CSSProperties, ReactNode } from 'react';
import { colourOf } from '../chart/colours.ts';
import { writerOf, written } from '../chart/units.ts';
import { changeOf } from '../lib/format.ts';
import type { OnDrill } from './group.ts';
import { type AnswerLine, byUnit } from './timed.ts';

interface HorizontalBarsProps {
  readonly lines: readonly AnswerLine[];
  readonly onDrill?: OnDrill | undefined;
}

const Name = ({
  line,
  onDrill,
}: {
  readonly line: AnswerLine;
  readonly onDrill: OnDrill | undefined;
}): ReactNode => {
  const { group, name } = line;
  if (group === null || onDrill === undefined)
    return (
      <span className="hbar-name truncate" title={name}>
        {name}
      </span>
    );
  return (
    <button
      type="button"
      className="hbar-name truncate"
      title={name}
      onClick={() => onDrill({ kind: 'group', group })}
    >
      {name}
    </button>
  );
};

const Bar = ({
  value,
  most,
  colour,
}: {
  readonly value: number;
  readonly most: number;
  readonly colour: string;
}): ReactNode => (
  <span
    className="hbar-bar"
    style={{ width: `${most === 0 ? 0 : (Math.max(0, value) / most) * 100}%`, background: colour }}
  />
);

/** One number a line, each with a bar; the one of the period before below it. */
export const HorizontalBars = ({ lines, onDrill }: HorizontalBarsProps): ReactNode => (
  <div className="hbars" style={{ '--hbar-rows': lines.length } as CSSProperties}>
    {byUnit(lines).map((panel) => {
      const most = Math.max(0, ...panel.flatMap(({ total, before }) => [total ?? 0, before?.total ?? 0]));
      return (
        <ul key={JSON.stringify(panel[0]?.unit)} className="hbar-list">
          {panel.map((line) => {
            const write = writerOf(line.unit);
            const before = line.before?.total ?? null;
            const change = line.total === null || before === null ? undefined : changeOf(line.total, before);
            return (
              <li key={line.key} className="hbar">
                <Name line={line} onDrill={onDrill} />
                <span className="hbar-track">
                  <Bar value={line.total ?? 0} most={most} colour={colourOf(line.slot)} />
                  {before === null ? null : (
                    <Bar value={before} most={most} colour={colourOf(line.slot, 35)} />
                  )}
                </span>
                <span className="hbar-value number" title={written(write.full, line.total)}>
                  {written(write.short, line.total)}
                  {change === undefined ? null : (
                    <span className="legend-change" data-direction={change.direction}>
                      {' '}
                      {change.direction === 'up' ? '↑' : change.direction === 'down' ? '↓' : ''}
                      {change.text}
                    </span>
                  )}
                </span>
              </li>
            );
          })}
        </ul>
      );
    })}
  </div>
);

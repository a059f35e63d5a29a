import './attribution-view.css';
import { type ReactNode, useMemo, useState } from 'react';
import { colourOf } from '../chart/colours.ts';
import { writerOf, written } from '../chart/units.ts';
import { Notice, Select } from '../design/index.ts';
import { fullCount, percent, plural, shortCount } from '../lib/format.ts';
import { type Credited, creditedOf, type CreditRow, creditRows } from './attribution-shape.ts';
import { MODEL_WORDS } from './models.ts';
import type { OnDrill } from './group.ts';
import type { Viewed } from './view-props.ts';
import { fieldWords, titleOf } from './words.ts';

/** How strong bars are behind words, in percent: more, and grey words on them would be hard to read in the dark. */
const FILL = 24;

interface RowProps {
  readonly row: CreditRow;
  readonly credited: Credited;
  readonly most: number;
  readonly hasEffect: boolean;
  readonly field: string;
  readonly onDrill: OnDrill | undefined;
}

const Row = ({ row, credited, most, hasEffect, field, onDrill }: RowProps): ReactNode => {
  const { name, isOther, touches, parts, removalEffect } = row;
  const write = writerOf(credited.unit);
  return (
    <tr>
      <th scope="row" title={name}>
        {onDrill === undefined || isOther ? (
          <span className="truncate">{name}</span>
        ) : (
          <button
            type="button"
            className="truncate"
            onClick={() => onDrill({ kind: 'value', field, value: name })}
          >
            {name}
          </button>
        )}
      </th>
      <td className="number" title={plural(touches, 'touch', 'touches')}>
        {shortCount(touches)}
      </td>
      {parts.map(({ model, value, share }, index) => (
        <td
          key={model}
          className="credit"
          title={`${MODEL_WORDS[model]}: ${write.full(value)} (${percent(share)})`}
        >
          <span
            className="credit-bar"
            style={{
              width: `${most === 0 ? 0 : (Math.max(0, value) / most) * 100}%`,
              background: colourOf(index + 1, FILL),
            }}
          />
          <span className="credit-words number">
            {write.short(value)} <span className="quiet">{percent(share)}</span>
          </span>
        </td>
      ))}
      {hasEffect ? <td className="number">{written(percent, removalEffect)}</td> : null}
    </tr>
  );
};

interface TableProps {
  readonly viewed: Viewed<'attribution'>;
  readonly credited: Credited;
  readonly rows: readonly CreditRow[];
}

const CreditTable = ({ viewed, credited, rows }: TableProps): ReactNode => {
  const { question, answer, onDrill, isCompact } = viewed;
  const { models } = answer;
  const most = Math.max(0, ...rows.flatMap(({ parts }) => parts.map(({ value }) => value)));
  const hasEffect = models.includes('markov') && !isCompact;
  const field = question.kind === 'attribution' ? question.channel : 'channel';
  return (
    <div className="credits-box" tabIndex={0} role="group" aria-label="Channels">
      <table>
        <caption className="unseen">{titleOf(question)}</caption>
        <thead>
          <tr>
            <th scope="col" data-property={field.startsWith('properties.') ? '' : undefined}>
              {fieldWords(field)}
            </th>
            <th scope="col" className="number">
              Touches
            </th>
            {models.map((model) => (
              <th key={model} scope="col">
                {MODEL_WORDS[model]}
              </th>
            ))}
            {hasEffect ? (
              <th scope="col" className="number" title="What would be lost without the channel">
                Removal effect
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.key} {...{ row, credited, most, hasEffect, field, onDrill }} />
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** Which channels brought the conversions: the models beside each other. */
export const AttributionView = (viewed: Viewed<'attribution'>): ReactNode => {
  const { answer, isCompact } = viewed;
  const [chosen, setChosen] = useState('conversions');
  const choices = useMemo(() => creditedOf(answer), [answer]);
  const credited = choices.find(({ key }) => key === chosen) ?? choices[0];
  const rows = useMemo(
    () => (credited === undefined ? [] : creditRows(answer, credited)),
    [answer, credited],
  );
  const { attributed, unattributed } = answer;
  const all = attributed.conversions + unattributed.conversions;
  if (credited === undefined || all === 0)
    return <Notice title="No conversions here">Nothing was brought about in this time.</Notice>;
  return (
    <div className="credits">
      {isCompact ? null : (
        <div className="insight-choice">
          <p className="insight-lead">
            <strong className="number">{fullCount(attributed.conversions)}</strong> of {fullCount(all)}{' '}
            conversions had a touch before them ({percent(attributed.conversions / all)}).
          </p>
          {choices.length < 2 ? null : (
            <Select
              label="What is shared out"
              size="small"
              value={credited.key}
              onChange={setChosen}
              options={choices.map(({ key, name }) => ({ value: key, text: name }))}
            />
          )}
        </div>
      )}
      <CreditTable viewed={viewed} credited={credited} rows={rows} />
    </div>
  );
};

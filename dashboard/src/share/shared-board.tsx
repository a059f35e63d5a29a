import { type ReactNode, useMemo } from 'react';
import type { Shared } from '../../../src/contract/shares.ts';
import { effective, parameterOf, type Value, valuesOfAddress, valueText } from '../board/address-values.ts';
import { BoardGrid } from '../board/board-grid.tsx';
import { boardTrouble } from '../board/board-trouble.ts';
import { ChoiceControl, NamedControl } from '../board/choice-control.tsx';
import { inReadingOrder, rowsOf } from '../board/places.ts';
import { type ShownTile, useShownTiles } from '../board/shown-tiles.ts';
import { TileAnswer } from '../board/tile-answer.tsx';
import { placeStyle, TileFrame } from '../board/tile-frame.tsx';
import { useSharedBoardAnswers } from '../data/board-answers.ts';
import { Notice } from '../design/index.ts';
import { Markdown } from '../design/markdown.tsx';
import { addressStore, changeAddress } from '../lib/address.ts';
import { saysSame } from '../lib/same.ts';
import { useStore } from '../lib/use-store.ts';
import { namedAnswer, questionLike } from './question-like.ts';
import { EVERY_MS, ShareFrame } from './share-frame.tsx';
import { ShareTrouble } from './share-trouble.tsx';

type Board = Extract<Shared, { readonly kind: 'board' }>;
type Tile = Board['tiles'][number];

const Choices = ({
  variables,
  values,
}: Pick<Board, 'variables'> & { readonly values: Readonly<Record<string, Value>> }): ReactNode =>
  variables.length === 0 ? null : (
    <div className="share-choices" role="group" aria-label="What is shown">
      {variables.map((variable) => {
        const { name, label, choices, multiple } = variable;
        return (
          <NamedControl key={name} label={label === '' ? name : label}>
            <ChoiceControl
              label={label === '' ? name : label}
              choices={choices}
              isMultiple={multiple}
              value={effective(variable, values)}
              allowsAny={variable.default === null}
              onChange={(value) =>
                changeAddress(
                  {
                    [parameterOf(name)]: saysSame(value, variable.default) ? null : valueText(value as Value),
                  },
                  { isStep: true },
                )
              }
            />
          </NamedControl>
        );
      })}
    </div>
  );

const SMALL_COLUMNS = 4;

/** The answer as a tile draws it: with its title as its name, and a question that fits it. */
const drawn = (answered: ShownTile['answered'], title: string) => {
  if (answered?.state !== 'answered') return { answered, question: undefined };
  const answer = namedAnswer(answered.answer, title);
  return { answered: { ...answered, answer }, question: questionLike(answer, title) };
};

const TileView = ({ tile, shown }: { readonly tile: Tile; readonly shown: ShownTile }): ReactNode => {
  const { kind, title, text = '', display, w } = tile;
  const { answered, isBusy } = shown;
  const view = useMemo(() => drawn(answered, title), [answered, title]);
  return (
    <TileFrame
      title={title}
      isPlain={kind === 'text' && title === ''}
      isSmall={display?.as === 'number' && w <= SMALL_COLUMNS}
      age={shown}
      style={placeStyle(tile)}
    >
      {kind === 'text' ? (
        <Markdown text={text} />
      ) : (
        <TileAnswer {...view} isBusy={isBusy} display={display} />
      )}
    </TileFrame>
  );
};

/** A board that a link shows. */
export const SharedBoardView = ({
  token,
  board,
}: {
  readonly token: string;
  readonly board: Board;
}): ReactNode => {
  const values = valuesOfAddress(useStore(addressStore), board.variables);
  const { tiles } = board;
  const asked = useMemo(() => tiles.flatMap(({ id, kind }) => (kind === 'answer' ? [id] : [])), [tiles]);
  const { updated_at, pinned } = board;
  const read = useSharedBoardAnswers(
    token,
    values,
    { updated_at, isPinned: pinned !== null, asks: asked.length > 0 },
    EVERY_MS,
  );
  const { reading, error, again } = read;
  const { shown, tileOf, held } = useShownTiles(read, asked);
  if (error?.code === 'unknown_link') return <ShareTrouble error={error} again={again} />;
  return (
    <ShareFrame
      thing={board}
      moment={shown}
      rows={rowsOf(tiles)}
      trouble={boardTrouble({ reading, shown, held, error })}
      again={again}
      controls={<Choices variables={board.variables} values={values} />}
    >
      {tiles.length === 0 ? <Notice title="Nothing is on this board yet" /> : null}
      <BoardGrid places={tiles}>
        {inReadingOrder(tiles).map((tile) => (
          <TileView key={tile.id} tile={tile} shown={tileOf(tile.id)} />
        ))}
      </BoardGrid>
    </ShareFrame>
  );
};

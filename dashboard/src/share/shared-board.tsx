import { type ReactNode, useState } from 'react';
import type { AnsweredTile } from '../../../src/contract/boards.ts';
import type { Shared, SharedAnswers } from '../../../src/contract/shares.ts';
import {
  effective,
  isSame,
  parameterOf,
  type Value,
  valuesOfAddress,
  valueText,
} from '../board/address-values.ts';
import { BoardGrid } from '../board/board-grid.tsx';
import { ChoiceControl, NamedControl } from '../board/choice-control.tsx';
import { inReadingOrder } from '../board/places.ts';
import { TileAnswer } from '../board/tile-answer.tsx';
import { placeStyle, TileFrame } from '../board/tile-frame.tsx';
import { useSharedAnswers } from '../data/shared.ts';
import { Notice } from '../design/index.ts';
import { Markdown } from '../design/markdown.tsx';
import { addressStore, changeAddress } from '../lib/address.ts';
import { useStore } from '../lib/use-store.ts';
import { namedAnswer, questionLike } from './question-like.ts';
import { EVERY_MS, ShareFrame } from './share-frame.tsx';
import { ShareTrouble } from './share-trouble.tsx';

type Board = Extract<Shared, { readonly kind: 'board' }>;
type Answers = Extract<SharedAnswers, { readonly kind: 'board' }>;
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
                    [parameterOf(name)]: isSame(value as Value, variable.default as Value)
                      ? null
                      : valueText(value as Value),
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

const TileView = ({
  tile,
  answered,
  isOld,
}: {
  readonly tile: Tile;
  readonly answered: AnsweredTile | undefined;
  readonly isOld: boolean;
}): ReactNode => {
  const { kind, title, text = '', display } = tile;
  const named: AnsweredTile | undefined =
    answered?.state === 'answered' ? { ...answered, answer: namedAnswer(answered.answer, title) } : answered;
  return (
    <TileFrame
      title={title}
      isPlain={kind === 'text' && title === ''}
      isSmall={display?.as === 'number' && tile.w <= SMALL_COLUMNS}
      isOld={isOld}
      style={placeStyle(tile)}
    >
      {kind === 'text' ? (
        <Markdown text={text} />
      ) : (
        <TileAnswer
          answered={named}
          question={named?.state === 'answered' ? questionLike(named.answer, title) : undefined}
          display={display}
        />
      )}
    </TileFrame>
  );
};

/** The last answers that there were, for as long as there are no others. */
const useLast = (answers: Answers | undefined): Answers | undefined => {
  const [last, setLast] = useState(answers);
  if (answers !== undefined && answers !== last) setLast(answers);
  return answers ?? last;
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
  const asks = board.tiles.some(({ kind }) => kind === 'answer');
  const { data, error, atMs, again } = useSharedAnswers(token, values, {
    everyMs: board.pinned === null ? EVERY_MS : undefined,
    isWanted: asks,
  });
  const answers = data?.kind === 'board' ? data : undefined;
  const shown = useLast(answers);
  if (error?.code === 'unknown_link') return <ShareTrouble error={error} again={again} />;
  const isOld = answers === undefined && shown !== undefined && error === undefined;
  const of = (id: string): AnsweredTile | undefined => shown?.tiles.find((tile) => tile.id === id);
  const moment =
    shown === undefined || atMs === undefined
      ? undefined
      : { position: shown.as_of, at: shown.at, freshness: shown.freshness, atMs };
  return (
    <ShareFrame
      thing={board}
      moment={moment}
      error={error}
      again={again}
      controls={<Choices variables={board.variables} values={values} />}
    >
      {board.tiles.length === 0 ? <Notice title="Nothing is on this board yet" /> : null}
      <BoardGrid places={board.tiles}>
        {inReadingOrder(board.tiles).map((tile) => (
          <TileView
            key={tile.id}
            tile={tile}
            answered={of(tile.id)}
            isOld={isOld && tile.kind === 'answer'}
          />
        ))}
      </BoardGrid>
    </ShareFrame>
  );
};

import { Component, memo, type ReactNode } from 'react';
import type { AnsweredTile } from '../../../src/contract/boards.ts';
import type { Display } from '../../../src/contract/insights.ts';
import type { QueryAnswer, QuestionInput } from '../../../src/contract/query.ts';
import { Icon, Skeleton } from '../design/index.ts';
import { InsightView } from '../insight/insight-view.tsx';

/** Why a tile shows nothing. It spoils no other. */
export const TileTrouble = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <p className="tile-trouble" role="status">
    <Icon name="warning" />
    <span>{children}</span>
  </p>
);

interface BoundaryProps {
  /** Another answer is tried anew. */
  readonly answer: QueryAnswer;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly answer: QueryAnswer;
  readonly trouble: string | undefined;
}

/** Keeps a view that fails from taking the board with it. */
class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { answer: this.props.answer, trouble: undefined };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps({ answer }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return answer === state.answer ? null : { answer, trouble: undefined };
  }

  override render(): ReactNode {
    const { trouble } = this.state;
    if (trouble === undefined) return this.props.children;
    return <TileTrouble>This cannot be drawn, which is a fault of ours: {trouble}</TileTrouble>;
  }
}

/** What helps where it is not that there is something to wait for. */
const ADVICE: Readonly<Record<string, string>> = {
  query_timeout: ' A shorter period takes less.',
  result_too_large: ' Ask for a shorter period, or for fewer groups.',
};

interface TileAnswerProps {
  /** Undefined: there is none yet. */
  readonly answered: AnsweredTile | undefined;
  /** Without an answer: it is being asked for. True unless told otherwise; what else there is to say is said above the board. */
  readonly isBusy?: boolean;
  /** Undefined: it is not known yet. */
  readonly question: QuestionInput | undefined;
  readonly display: Partial<Display> | undefined;
}

/** What a tile shows of its answer, or why it shows none. Answers come one by one: those that are there are not drawn anew with each. */
export const TileAnswer = memo(
  ({ answered, isBusy = true, question, display }: TileAnswerProps): ReactNode => {
    if (answered?.state === 'failed') {
      const { code, message } = answered.error;
      return (
        <TileTrouble>
          {message}
          {ADVICE[code]}
        </TileTrouble>
      );
    }
    if (answered === undefined && !isBusy) return <p className="tile-none">Not answered</p>;
    if (answered === undefined || question === undefined) return <Skeleton height="100%" />;
    const { answer } = answered;
    return (
      <Boundary answer={answer}>
        <InsightView answer={answer} question={question} display={display} compact />
      </Boundary>
    );
  },
);

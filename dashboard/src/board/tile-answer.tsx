import { Component, type ReactNode } from 'react';
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

interface TileAnswerProps {
  /** Undefined: it is being asked for. */
  readonly answered: AnsweredTile | undefined;
  /** Undefined: it is not known yet. */
  readonly question: QuestionInput | undefined;
  readonly display: Partial<Display> | undefined;
}

/** What a tile shows of its answer, or why it shows none. */
export const TileAnswer = ({ answered, question, display }: TileAnswerProps): ReactNode => {
  if (answered?.state === 'failed') return <TileTrouble>{answered.error.message}</TileTrouble>;
  if (answered === undefined || question === undefined) return <Skeleton height="100%" />;
  const { answer } = answered;
  return (
    <Boundary answer={answer}>
      <InsightView answer={answer} question={question} display={display} compact />
    </Boundary>
  );
};

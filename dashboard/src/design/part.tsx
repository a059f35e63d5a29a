import { Component, type ReactNode, Suspense } from 'react';
import { Button } from './button.tsx';
import { Notice } from './states.tsx';

interface PartProps {
  /** Stands there until the part is loaded. */
  readonly loading: ReactNode;
  readonly children: ReactNode;
}

interface PartState {
  readonly trouble: string | undefined;
}

/** A part of a page that is loaded when it is wanted. If it fails, the page around it stays. */
export class Part extends Component<PartProps, PartState> {
  override state: PartState = { trouble: undefined };

  static getDerivedStateFromError(error: unknown): PartState {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { trouble } = this.state;
    if (trouble === undefined)
      return <Suspense fallback={this.props.loading}>{this.props.children}</Suspense>;
    return (
      <Notice
        kind="error"
        icon="warning"
        title="This part could not be shown"
        action={
          <Button size="small" onClick={() => location.reload()}>
            Load the page again
          </Button>
        }
      >
        {trouble}
      </Notice>
    );
  }
}

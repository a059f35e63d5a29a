import { Component, type ReactNode, Suspense } from 'react';
import { Button, Link, Notice, Page, Skeleton } from './design/index.ts';
import { pageAt } from './pages.ts';
import type { PageProps } from './page-props.ts';

const Loading = ({ text }: { readonly text: string }): ReactNode => (
  <Page title={text} isBusy>
    <Skeleton height="12rem" />
  </Page>
);

interface BoundaryProps {
  /** Another page is tried anew. */
  readonly path: string;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly path: string;
  readonly trouble: string | undefined;
}

/** Keeps what goes wrong on one page from taking the others with it. */
class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { path: this.props.path, trouble: undefined };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps({ path }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return path === state.path ? null : { path, trouble: undefined };
  }

  override render(): ReactNode {
    const { trouble } = this.state;
    if (trouble === undefined) return this.props.children;
    return (
      <Notice
        isPage
        kind="error"
        icon="warning"
        title="This page failed"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            Load it again
          </Button>
        }
      >
        It may be of another version than the server, or this is a fault of ours: {trouble}
      </Notice>
    );
  }
}

/** The page at a path. */
export const PageView = ({
  path,
  ...props
}: Omit<PageProps, 'rest'> & { readonly path: string }): ReactNode => {
  const found = pageAt(path);
  if (found === undefined)
    return (
      <Notice
        isPage
        title="There is no such page"
        action={
          <Link className="button" data-kind="primary" to="/">
            To the live page
          </Link>
        }
      >
        Nothing is at <code>{path}</code>.
      </Notice>
    );
  const {
    facts: { page: Shown, text, permission },
    rest,
  } = found;
  if (!props.session.permissions.includes(permission))
    return (
      <Notice isPage icon="lock" title={`You may not see ${text}`}>
        Your role in the project {props.project} is {props.session.role}; this page needs the permission{' '}
        <code>{permission}</code>. An owner or admin of the organisation can change your role.
      </Notice>
    );
  return (
    <Boundary path={path}>
      <Suspense fallback={<Loading text={text} />}>
        <Shown {...props} rest={rest} />
      </Suspense>
    </Boundary>
  );
};

import './states.css';
import type { CSSProperties, ReactNode } from 'react';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';

/** Stands where something will be. Sizes are CSS lengths. */
export const Skeleton = ({
  width = '100%',
  height = '0.875rem',
}: Pick<CSSProperties, 'width' | 'height'>): ReactNode => (
  <span className="skeleton" style={{ width, height }} aria-hidden="true" />
);

interface NoticeProps {
  readonly kind?: 'empty' | 'error';
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** A button, if something can be done. */
  readonly action?: ReactNode;
  /** There is nothing else on the page. */
  readonly isPage?: boolean;
}

/** Stands where nothing is to be shown, and says why. */
export const Notice = ({
  kind = 'empty',
  icon,
  title,
  children,
  action,
  isPage = false,
}: NoticeProps): ReactNode => (
  <div className="notice" data-kind={kind} role={kind === 'error' ? 'alert' : undefined}>
    {icon === undefined ? null : <Icon name={icon} size={20} />}
    {isPage ? <h1 className="notice-title">{title}</h1> : <p className="notice-title">{title}</p>}
    {children === undefined ? null : <div className="notice-text">{children}</div>}
    {action}
  </div>
);

interface FailedProps {
  /** What could not be had. */
  readonly title: string;
  /** Why. */
  readonly children: ReactNode;
  /** Tries it once more. */
  readonly again: (() => void) | undefined;
}

/** Stands where something was asked for in vain. */
export const Failed = ({ title, children, again }: FailedProps): ReactNode => (
  <Notice
    kind="error"
    icon="warning"
    title={title}
    action={again === undefined ? undefined : <Button onClick={again}>Try again</Button>}
  >
    {children}
  </Notice>
);

interface LoadedProps<T> {
  readonly data: T | undefined;
  /** Why there is no data, if it was tried in vain. */
  readonly error: ReactNode | undefined;
  /** What to say then. */
  readonly trouble: string;
  /** Tries it once more, for those who do not want to wait. */
  readonly again?: () => void;
  /** What stands there until the data comes. */
  readonly loading: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** Shows data as soon as there is any, and keeps showing it though asking again fails: its age tells. */
export const Loaded = <T,>(props: LoadedProps<T>): ReactNode => {
  const { data, error, trouble, again, loading, children } = props;
  if (data !== undefined) return children(data);
  if (error === undefined) return loading;
  return (
    <Failed title={trouble} again={again}>
      {error}
    </Failed>
  );
};

interface BannerProps {
  readonly kind: 'info' | 'warn' | 'bad';
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

/** Something about the whole page. */
export const Banner = ({ kind, children, actions }: BannerProps): ReactNode => (
  <div className="banner" data-kind={kind} role={kind === 'info' ? 'status' : 'alert'}>
    <Icon name={kind === 'info' ? 'info' : 'warning'} />
    <div className="banner-words">{children}</div>
    {actions === undefined ? null : <div className="banner-actions">{actions}</div>}
  </div>
);

import './button.css';
import type { ComponentProps, ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

interface Looks {
  readonly kind?: 'normal' | 'primary' | 'plain' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly icon?: IconName;
}

/** A button with words, with an icon before them if wanted. */
export const Button = ({
  kind = 'normal',
  size = 'normal',
  icon,
  children,
  ...rest
}: ComponentProps<'button'> & Looks): ReactNode => (
  <button type="button" className="button" data-kind={kind} data-size={size} {...rest}>
    {icon === undefined ? null : <Icon name={icon} size={14} />}
    {children}
  </button>
);

/** A button that is only an icon; `label` names it for screen readers and as tooltip. */
export const IconButton = ({
  kind = 'plain',
  size = 'normal',
  icon,
  label,
  ...rest
}: ComponentProps<'button'> & Looks & { readonly icon: IconName; readonly label: string }): ReactNode => (
  <button
    type="button"
    className="button"
    data-icon-only=""
    data-kind={kind}
    data-size={size}
    aria-label={label}
    title={label}
    {...rest}
  >
    <Icon name={icon} size={14} />
  </button>
);

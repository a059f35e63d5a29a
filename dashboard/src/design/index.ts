/** The design system: what pages are made of. */
export { BarTable, type BarRow } from './bar-table.tsx';
export { Button, IconButton } from './button.tsx';
export { Card } from './card.tsx';
export { Chip } from './chip.tsx';
export { CodeBlock } from './code-block.tsx';
export { CopyButton } from './copy-button.tsx';
export { Dialog } from './dialog.tsx';
export { Fresh } from './fresh.tsx';
export { Icon, type IconName } from './icons.tsx';
export { Menu, type MenuEntry } from './menu.tsx';
export { Panel } from './panel.tsx';
export { Segmented } from './segmented.tsx';
export { Stat } from './stat.tsx';
export { Banner, Loaded, Notice, Skeleton } from './states.tsx';
export { Tabs } from './tabs.tsx';
export { Toasts, toast } from './toast.tsx';

import type { DialogHTMLAttributes, RefObject } from 'react';

/** What every dialog does: Escape and a press beside it close it, by telling its owner. */
export const closeBy = (
  dialog: RefObject<HTMLDialogElement | null>,
  onClose: () => void,
): Pick<DialogHTMLAttributes<HTMLDialogElement>, 'onCancel' | 'onClick'> => ({
  onCancel: (event) => {
    event.preventDefault();
    onClose();
  },
  onClick: (event) => {
    if (event.target === dialog.current) onClose();
  },
});

import type { DialogHTMLAttributes } from 'react';

/** What every dialog does: Escape and a press beside it close it, by telling its owner. */
export const closeBy = (
  onClose: () => void,
): Pick<DialogHTMLAttributes<HTMLDialogElement>, 'onCancel' | 'onClick'> => ({
  onCancel: (event) => {
    event.preventDefault();
    onClose();
  },
  onClick: (event) => {
    if (event.target === event.currentTarget) onClose();
  },
});

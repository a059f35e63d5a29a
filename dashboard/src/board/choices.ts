/** Something that a variable offers. */
export interface Choice {
  readonly value: unknown;
  readonly label?: string | undefined;
}

/** A value in words. */
export const words = (value: unknown): string => (value === '' ? '(empty)' : String(value));

/** The name of a choice. */
export const choiceText = (choices: readonly Choice[], value: unknown): string => {
  const label = choices.find((choice) => choice.value === value)?.label;
  return label === undefined || label === '' ? words(value) : label;
};

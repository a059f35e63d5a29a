import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Asking, ask, pathOf } from './api.ts';

/** A request that changes something: its path, and what goes with it. */
export type Change = Asking & { readonly path: string };

/** Changes something of a project; what is known below `key` is asked for anew. Rejects with ApiError. */
export const useChanging = <Input, Answer>(
  key: readonly unknown[],
  project: string,
  request: (input: Input) => Change,
): ((input: Input) => Promise<Answer>) => {
  const client = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: (input: Input) => {
      const { path, ...asking } = request(input);
      return ask<Answer>(pathOf(path, project), asking);
    },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  return mutateAsync;
};

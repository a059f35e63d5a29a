import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Asking, ask, pathOf } from './api.ts';

/** A request that changes something: its path, and what goes with it. */
export type Change = Asking & { readonly path: string };

/** The one way in which pages change something: afterwards, whether it worked or not, what is known below each of the keys is asked for anew. The function rejects with ApiError. */
export const useChanging = <Input, Answer>(
  keys: readonly QueryKey[],
  project: string,
  request: (input: Input) => Change,
): ((input: Input) => Promise<Answer>) => {
  const client = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: (input: Input) => {
      const { path, ...asking } = request(input);
      return ask<Answer>(pathOf(path, project), asking);
    },
    onSettled: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  return mutateAsync;
};

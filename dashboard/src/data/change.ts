import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Asking, ask, pathOf } from './api.ts';

/** The one way in which pages change something: afterwards, whether it worked or not, what is known by these keys is asked for anew. The function rejects with ApiError. */
export const useChange = <Input, Answer>(
  project: string,
  keys: readonly QueryKey[],
  request: (input: Input) => Asking & { readonly path: string },
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

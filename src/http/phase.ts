/** Where the program is in its life, as requests see it: before `ready` and from `stopping` on they are answered 503. Names are codes of errors. */
export type Phase = 'starting' | 'ready' | 'stopping';

/** How the server's Node is started. The heap may grow to this before V8 begins to mark it: a fifth less CPU time for batches (docs/decisions/003-external-memory.md). */
export const RUNTIME_FLAGS = ['--initial-old-space-size=256'];

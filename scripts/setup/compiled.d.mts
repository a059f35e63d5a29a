/** Compiles the server's sources where they are new and returns the variables to start `runtime` with, so that it finds them. */
export declare const compileAhead: (runtime: string) => Readonly<Record<string, string>>;

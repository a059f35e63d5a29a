/** Builds everything into a folder that is emptied first. Throws if the types are wrong. */
export declare const buildClient: (folder: string) => Promise<void>;
/** Builds only the script for a script tag, into a folder. */
export declare const buildScript: (folder: string) => Promise<void>;

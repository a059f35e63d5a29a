/** Builds everything into a folder that is emptied first. Throws if the types are wrong. */
export declare const buildClient: (folder: string) => Promise<void>;

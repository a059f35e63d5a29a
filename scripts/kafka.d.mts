/** Makes sure that Kafka's jars are there. Resolves with why it cannot be had on this machine, or undefined: it can. */
export declare const fetchKafka: () => Promise<string | undefined>;
/** Starts a broker with storage of its own, removed when it is stopped. */
export declare const startKafka: () => Promise<{ readonly broker: string; readonly pid: number; readonly stop: () => Promise<void> }>;

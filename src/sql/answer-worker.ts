/** The thread that writes one large answer, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../event/errors.ts';
import type { AnswerOfWorker } from './answer-writer.ts';
import { type AnswerToWrite, writeAnswer } from './write-answer.ts';

const send = (answer: AnswerOfWorker, transfer: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(answer, transfer);

/** Bytes in memory of their own, which can be handed over. */
const ownBytes = (body: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);

try {
  const { body, ...written } = writeAnswer(workerData as AnswerToWrite);
  const bytes = ownBytes(body);
  send({ written: { ...written, body: bytes } }, [bytes.buffer]);
} catch (error) {
  if (error instanceof ApiError) send({ refused: { code: error.code, message: error.message } });
  else send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

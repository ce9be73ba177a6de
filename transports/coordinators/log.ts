/** Where coordinators write down what an operator may want to know: a pino logger. */
import { type Logger, pino } from 'pino';

export type Log = Logger;

/** Writes nothing. */
export const NO_LOG: Log = pino({ level: 'silent' });

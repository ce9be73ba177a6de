/**
 * The ring's view before a server's own life begins: its settings say how the store is to be opened. A coordinator that is
 * away is waited for, and the log says so.
 */
import type { Logger } from 'pino';
import { VIEW_KEY } from '../../core/coordinator-port.js';
import type { View } from '../../core/view/view.js';
import type { Coordinator } from '../coordinators/coordinator.js';
import { openOperator } from '../coordinators/operator.js';

/** How long one call may take; the log tells as often that there is no answer. */
const CALL_MS_MAX = 5_000;

/** @returns undefined if no ring was founded yet, or if it was given up. */
export async function awaitView(coordinator: Coordinator, log: Logger, giveUp: AbortSignal): Promise<View | undefined> {
  const operator = openOperator(coordinator, { timeoutMs: CALL_MS_MAX });
  const close = (): void => operator.close();
  giveUp.addEventListener('abort', close, { once: true });
  try {
    while (!giveUp.aborted) {
      try {
        const reply = await operator.call({ op: 'read', key: VIEW_KEY, watch: false });
        if (reply.result === 'value' && reply.stored.value.kind === 'view') return reply.stored.value.view;
        if (reply.result === 'absent') return undefined;
      } catch (error) {
        if (!giveUp.aborted) log.warn({ why: (error as Error).message }, 'waiting for the coordinator');
      }
    }
    return undefined;
  } finally {
    giveUp.removeEventListener('abort', close);
    operator.close();
  }
}

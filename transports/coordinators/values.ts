/**
 * A coordinator's values as texts: what is written to ZooKeeper, to the embedded service and to its disk. JSON, so that
 * people can read it there; a view without its look-up table, which is made anew (and checked) by makeView.
 * Must never let in what the core could not have written.
 */
import { z } from 'zod';
import type { CoordinatorValue } from '../../core/coordinator-port.js';
import { makeView } from '../../core/view/view.js';

/** The largest text of one value. ZooKeeper refuses more than 1 MiB (jute.maxbuffer), with its frame around it. */
export const VALUE_BYTES_MAX = 1_000_000;

const count = z.number().int().nonnegative();
const text = z.string();
const texts = z.array(text);
const entryId = z.object({ epoch: count, sequence: count });
const learners = z.array(z.object({ shard: count, learner: text }));

const view = z.object({
  epoch: count,
  clusterId: text,
  settings: z.object({
    durability: z.enum(['memory', 'os', 'fsync']),
    ...{ chainLength: count, minReplicas: count, shards: count, chunkBytes: count, transitSlots: count },
  }),
  ring: z.array(z.object({ id: text, incarnation: count, address: text })),
  chains: z.array(
    z.object({ members: texts, learners: texts, lost: z.array(z.object({ id: text, incarnation: count })) }),
  ),
});

const registration = z.object({
  ...{ member: text, incarnation: count, address: text, clusterId: text, store: text, life: text },
  // Who does not say it yet is of a former version: such a ring is left as it is.
  written: z.boolean().default(true),
  ...{ epoch: count, brokenIn: z.boolean(), brokenOut: z.boolean(), probes: texts },
  // JSON leaves an undefined field out; the core expects it to be there.
  seat: z.object({ before: text, after: text }).optional(),
  ...{ ready: learners, stalled: learners },
  kept: z.array(z.object({ shard: count, last: entryId, suspect: z.boolean() })),
  leaving: z.enum(['no', 'handing-over', 'idle']),
});

const statistics = z.object({
  ...{ member: text, incarnation: count, sentBytes: count, receivedBytes: count, atMs: count },
});

const valueSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('view'), view }),
  z.object({ kind: z.literal('lives'), count }),
  z.object({ kind: z.literal('registration'), registration }),
  z.object({ kind: z.literal('statistics'), statistics }),
]);

/** As JSON has it. */
export function plainValue(value: CoordinatorValue): { readonly kind: string } & Record<string, unknown> {
  return value.kind === 'view' ? { kind: 'view', view: { ...value.view, positions: undefined } } : { ...value };
}

/** @throws if it is larger than VALUE_BYTES_MAX. */
export function encodeValue(value: CoordinatorValue): string {
  const text = JSON.stringify(plainValue(value));
  const bytes = Buffer.byteLength(text);
  if (bytes > VALUE_BYTES_MAX) {
    throw new Error(`a ${value.kind} of ${bytes} bytes is more than a coordinator takes (${VALUE_BYTES_MAX})`);
  }
  return text;
}

/** @throws with what is wrong, if it is no value or no possible view. */
export function decodeValue(text: string): CoordinatorValue {
  return asValue(JSON.parse(text));
}

/** The same, of what was parsed already. */
export function asValue(parsed: unknown): CoordinatorValue {
  const result = valueSchema.safeParse(parsed);
  if (!result.success) throw new Error(`no value of a coordinator: ${z.prettifyError(result.error)}`);
  const value = result.data;
  if (value.kind === 'view') return { kind: 'view', view: makeView(value.view) };
  if (value.kind !== 'registration') return value;
  const { seat } = value.registration;
  return { kind: 'registration', registration: { ...value.registration, seat } };
}

import { z } from "zod";
import type { Document } from "./documents.ts";
import type { Value } from "./value.ts";

/** What is kept across restarts. */
export type Saved = {
  /** When it was saved, in microseconds since the epoch; later commits are later. */
  readonly time: number;
  readonly documents: readonly Document[];
};

/** Values were checked before they were stored, so that they are objects is enough to know. */
const StoredValue = z.custom<Value>((value) => typeof value === "object" && value !== null);

const StoredState = z.object({
  time: z.number(),
  documents: z.array(
    z.object({
      name: z.string(),
      fields: z.record(z.string(), StoredValue),
      createTime: z.number(),
      updateTime: z.number(),
    }),
  ),
});

/** The state to keep: the documents as they are, without their past. */
export function toSaved(documents: readonly Document[], time: number): Saved {
  return { time, documents };
}

/**
 * The state that was kept; undefined stands for none.
 * @throws ZodError when it is something else.
 */
export function readSaved(state: unknown): Saved {
  return state === undefined ? { time: 0, documents: [] } : StoredState.parse(state);
}

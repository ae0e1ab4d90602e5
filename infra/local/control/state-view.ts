import { z } from "zod";

/** What is to be saved or loaded. */
export const StateRequest = z.strictObject({ name: z.string().max(100) });

/** What was saved or loaded, or what there is now. */
export const StateView = z.object({
  /** Null: as new. */
  name: z.string().nullable(),
  /** Everything that is saved. */
  saved: z.array(z.string()),
});

/** What was saved or loaded, or what there is now. */
export type StateView = z.output<typeof StateView>;

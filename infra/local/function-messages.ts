import { z } from "zod";

/** What the process of the functions is asked to do. */
export const HostRequest = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("serve"),
    /** Which request it is: the answer has it too. */
    id: z.number(),
    /** The function's name in the program. */
    target: z.string(),
    port: z.number(),
    /** Functions that find the same in their environment share what they open. */
    environment: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal("end"), id: z.number() }),
]);

/** What the process of the functions is asked to do. */
export type HostRequest = z.output<typeof HostRequest>;

/** What became of a request. */
export const HostAnswer = z.object({ id: z.number(), error: z.string().nullable() });

/** What became of a request. */
export type HostAnswer = z.output<typeof HostAnswer>;

import { z } from "zod";
import { PACES } from "../pace.ts";

/** The pace of the local cloud. */
export const PaceView = z.object({ pace: z.enum(PACES) });

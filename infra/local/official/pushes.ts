import type { Context } from "hono";
import { z } from "zod";
import { readBody } from "../../../emulators/kit/body.ts";
import type { Clock } from "../../../emulators/kit/clock.ts";
import { serve } from "../../../emulators/kit/server.ts";
import type { RunningServer } from "../../../emulators/kit/server.ts";
import { sendPush } from "../../../emulators/pubsub/http-push.ts";
import type { Pushing } from "../../../emulators/pubsub/http-push.ts";
import { readPush } from "./push-address.ts";

const Pushed = z.object({ subscription: z.string() });

/** What Google's emulator is told when nobody could be reached: it tries again. */
const NOBODY = 503;
const NOT_FOUND = 404;

/** Takes the pushes of Google's emulator, and hands each on with the token that its subscription asks for. */
export async function startPushes(pushing: Pushing, clock: Clock): Promise<RunningServer> {
  return serve({
    apis: [],
    persistence: undefined,
    clock,
    http: (app) => {
      app.post("/:wanted", async (c) => new Response(null, { status: await handOn(pushing, c) }));
    },
  });
}

/** @returns the status of the answer */
async function handOn(pushing: Pushing, { req }: Context<object, "/:wanted">): Promise<number> {
  const wanted = readPush(req.param("wanted"));
  if (wanted === null) {
    return NOT_FOUND;
  }
  const body = await readBody(req.raw);
  const { subscription } = Pushed.parse(JSON.parse(body));
  const { signal } = req.raw;
  return (await sendPush(pushing, { pushConfig: wanted, subscription, body, signal })) ?? NOBODY;
}

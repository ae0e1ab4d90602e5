import type { Context } from "hono";
import { z } from "zod";
import { readBody } from "../../../emulators/kit/body.ts";
import type { Clock } from "../../../emulators/kit/clock.ts";
import { addressedTo, fromWithin } from "../../../emulators/kit/network.ts";
import { serve } from "../../../emulators/kit/server.ts";
import type { RunningServer } from "../../../emulators/kit/server.ts";
import { post } from "../../../emulators/pubsub/http-post.ts";
import { authorize } from "../../../emulators/pubsub/id-token.ts";
import type { MintIdToken } from "../../../emulators/pubsub/id-token.ts";
import { toProject } from "../../../emulators/pubsub/names.ts";
import { readPush } from "./push-address.ts";

/** How a push comes to where it was to go. */
export type Pushing = {
  readonly mintIdToken: MintIdToken;
  /** Where an address in the world is on this machine; null for one that is nowhere. */
  readonly reach: (address: string) => string | null;
};

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
async function handOn(
  { mintIdToken, reach }: Pushing,
  { req }: Context<object, "/:wanted">,
): Promise<number> {
  const wanted = readPush(req.param("wanted"));
  if (wanted === null) {
    return NOT_FOUND;
  }
  const { pushEndpoint: url, oidcToken } = wanted;
  const { serviceAccountEmail: email, audience = url } = oidcToken ?? {};
  const at = reach(url);
  const token = email === undefined ? {} : await authorize({ email, audience }, mintIdToken);
  if (at === null || token === null) {
    return NOBODY;
  }
  const body = await readBody(req.raw);
  const { subscription } = Pushed.parse(JSON.parse(body));
  const headers = {
    "content-type": "application/json",
    ...token,
    ...fromWithin(toProject(subscription)),
    ...(at === url ? {} : addressedTo(url)),
  };
  return (await post({ url: at, headers, body, signal: req.raw.signal })) ?? NOBODY;
}

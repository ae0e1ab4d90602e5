import { z } from "zod";
import { openBareClients } from "./bare-clients.ts";
import { handleKnownImage, handleNewImage } from "./bare-event.ts";
import type { BareEvent, Clients, Sample } from "./bare-event.ts";
import { atOnce } from "./at-once.ts";

/** A round that the bare script is asked for. */
export type BareRound = {
  readonly kind: "new" | "known";
  readonly sample: Sample;
  readonly events: readonly BareEvent[];
  readonly concurrency: number;
};

const Endpoints = z.object({
  project: z.string(),
  firestore: z.string(),
  cloudDeploy: z.string(),
  registry: z.string(),
  pubsub: z.string(),
});

/**
 * The process that issues the calls of events without our code: it is told where the emulators are by its
 * one argument and of each round by a message, and tells when the round is done.
 */
async function run(clients: Clients, round: BareRound): Promise<void> {
  const handle = round.kind === "new" ? handleNewImage : handleKnownImage;
  await atOnce(round.concurrency, round.events, async (event) =>
    handle(clients, round.sample, event),
  );
}

const opened = await openBareClients(Endpoints.parse(JSON.parse(process.argv[2] ?? "{}")));
process.on("message", (round: BareRound) => {
  void run(opened, round).then(() => process.send?.("done"));
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");

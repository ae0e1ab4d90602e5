import { describe } from "vitest";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { findGcloud, startGoogles } from "../support/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";
import { pubsubContract } from "./pubsub-contract.ts";

describe("our Pub/Sub emulator", () => {
  pubsubContract(startPubsub);
});

/** Where Google's emulator (gcloud 528) is further from the service, as its documentation has it. */
const GOOGLES_DIFFERENCES = {
  "a topic's labels are updated, and nothing else": "it only updates a topic's schema settings",
  "a new subscription is active and expires after 31 days": "it leaves both out",
  "an ack deadline is changed within its limits": "it takes any deadline",
  "a filter that does not parse is refused": "it keeps filters but ignores them",
  "a filter lets through only what it names": "it keeps filters but ignores them",
  "a detached subscription gives nothing any more": "it has no DetachSubscription",
  "a refused message comes again, and then those behind it with its ordering key":
    "it brings a refused message with an ordering key only after the ack deadline",
  "a push of a message without data has no data": "it writes the data as an empty text",
};

const gcloud = findGcloud("pubsub");

describe.skipIf(gcloud === null && mustSkip("Google's Pub/Sub emulator"))(
  "Google's Pub/Sub emulator (skipped where gcloud lacks its component pubsub-emulator)",
  () => {
    pubsubContract(() => startGoogles(gcloud ?? "", "pubsub"), GOOGLES_DIFFERENCES);
  },
);

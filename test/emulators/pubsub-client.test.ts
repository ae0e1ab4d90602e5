import { readSettings } from "../../infra/cli/settings.ts";
import { describe } from "vitest";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { findGcloud, startGoogles } from "../../infra/local/official/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";
import { pubsubContract } from "./pubsub-contract.ts";

const NO_SEEK = "nobody seeks, and it is refused by name";

/** Where ours is further from the service. */
const OUR_DIFFERENCES = {
  "seeking to a snapshot that is not there is refused with NOT_FOUND": NO_SEEK,
  "seeking back over what was not retained brings nothing": NO_SEEK,
  "seeking back brings acknowledged messages again, seeking forward drops the rest": NO_SEEK,
  "a topic's own retention lets a later subscription seek back": NO_SEEK,
  "a topic retains messages for ten minutes to 31 days, and its subscriptions say so": NO_SEEK,
  "with exactly-once delivery an acknowledgement that comes late is refused":
    "delivery is at least once alone, and the setting is refused by name",
};

describe("our Pub/Sub emulator", () => {
  pubsubContract(startPubsub, OUR_DIFFERENCES);
});

const LABELS = "it does not update labels";
const RANGES = "it takes any value";
const LIMITS = "it has no limit";
const FILTERS = "it keeps filters but ignores them";

/** Where Google's emulator (gcloud 528) is further from the service, as its documentation has it. */
const GOOGLES_DIFFERENCES = {
  "a topic's labels are updated, and nothing else": "it only updates a topic's schema settings",
  "a new subscription is active and expires after 31 days": "it leaves both out",
  "an ack deadline is changed within its limits": RANGES,
  "a detached subscription gives nothing any more": "it has no DetachSubscription",
  "a refused message comes again, and then those behind it with its ordering key":
    "it brings a refused message with an ordering key only after the ack deadline",
  "what was acknowledged behind a refused message of its ordering key comes again":
    "it brings a refused message with an ordering key only after the ack deadline",
  "a push of a message without data has no data": "it writes the data as an empty text",
  "a subscription's labels are updated": LABELS,
  "an ack deadline is 10 to 600 seconds from the start": RANGES,
  "messages are retained for ten minutes to 31 days": "it takes at most seven days",
  "a topic retains messages for ten minutes to 31 days, and its subscriptions say so":
    "it leaves the topic's retention out",
  "a subscription expires after a day at the earliest": RANGES,
  "a page token that is none is refused": "it begins with the first page",
  "what is done with a missing topic is refused": "it lists no subscriptions of a missing topic",
  "a refusal names what it is about": "its texts name nothing",
  "a deadline is moved by 0 to 600 seconds": RANGES,
  "a retry policy lets a refused message wait": "it keeps retry policies but ignores them",
  "a request may have 10 MB, and no more": "it never answers a larger one",
  "a request may have 100 attributes a message, and no more": LIMITS,
  "a request may have 256 bytes in an attribute's key, and no more": LIMITS,
  "a request may have 1,024 bytes in an attribute's value, and no more": LIMITS,
  "a request may have 1,024 bytes in an ordering key, and no more": LIMITS,
  "a request may have an attribute that does not start with goog, and no more": LIMITS,
  "a request may have one ordering key, and no more": LIMITS,
  "a filter that does not parse is refused": FILTERS,
  "a filter lets through only what it names": FILTERS,
  "a filter has at most 256 bytes": FILTERS,
  "the filter attributes:size lets through what it says": FILTERS,
  'the filter attributes.color = "red" lets through what it says': FILTERS,
  'the filter hasPrefix(attributes.size, "x") lets through what it says': FILTERS,
  "the filter NOT attributes:size lets through what it says": FILTERS,
  'the filter attributes:color AND (attributes.size = "xl" OR attributes.size = "s") lets through what it says':
    FILTERS,
};

const gcloud = findGcloud("pubsub", readSettings().path);

describe.skipIf(gcloud === null && mustSkip("Google's Pub/Sub emulator"))(
  "Google's Pub/Sub emulator (skipped where gcloud lacks its component pubsub-emulator)",
  () => {
    pubsubContract(() => startGoogles(gcloud ?? "", "pubsub"), GOOGLES_DIFFERENCES);
  },
);

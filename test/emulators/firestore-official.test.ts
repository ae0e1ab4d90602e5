import { readSettings } from "../../infra/cli/settings.ts";
import { describe } from "vitest";
import { findGcloud, startGoogles } from "../../infra/local/official/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";
import { firestoreContract } from "./firestore-contract.ts";

/** Where Google's emulator (gcloud 528) is further from the service, as its documentation has it. */
const GOOGLES_DIFFERENCES = {
  "a write to another database is refused": "it writes to whatever database a name is in",
  "a document with more than 40,000 index entries is refused": "it has no limit",
  "a list in a list is refused, also by a transform": "it takes it from a transform",
  "a query of six figures is refused": "it fails with UNKNOWN",
  "a count up to nothing is refused": "it counts to the end",
  "500 transforms in one write are done, 501 are refused": "it has no limit",
};

const gcloud = findGcloud("firestore", readSettings().path);

describe.skipIf(gcloud === null && mustSkip("Google's Firestore emulator"))(
  "Google's Firestore emulator (skipped where gcloud lacks its component cloud-firestore-emulator, or there is no Java)",
  () => {
    firestoreContract(() => startGoogles(gcloud ?? "", "firestore"), GOOGLES_DIFFERENCES);
  },
);

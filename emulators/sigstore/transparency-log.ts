import { createHash, createPublicKey, sign } from "node:crypto";
import type { SerializedBundle } from "@sigstore/bundle";
import { json } from "@sigstore/core";

/** An entry as a bundle shows it, with the log's promise and its proof that it is in there. */
export type LogEntry = SerializedBundle["verificationMaterial"]["tlogEntries"][number];

/** A log that takes every entry, each as the first and only one of a tree. */
export type TransparencyLog = {
  readonly append: (
    entry: { readonly kind: string; readonly apiVersion: string; readonly spec: object },
    at: Date,
  ) => LogEntry;
};

const ORIGIN = "rekor.slipway.local";
const HINT_BYTES = 4;
const MS_PER_SECOND = 1000;
/** What comes before a leaf is hashed. Source: https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
const LEAF = Buffer.from([0]);

/**
 * A log that signs what it is given.
 * Source: https://github.com/sigstore/rekor/blob/main/types.md and
 * https://github.com/transparency-dev/formats/blob/main/log/README.md
 */
export function transparencyLog(key: string): TransparencyLog {
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const logId = createHash("sha256").update(der).digest();
  function signed(text: string): Buffer {
    return sign("sha256", Buffer.from(text), key);
  }
  return {
    append: (entry, at) => {
      const bytes = Buffer.from(json.canonicalize(entry));
      const body = bytes.toString("base64");
      const integratedTime = Math.floor(at.getTime() / MS_PER_SECOND);
      const promised = { body, integratedTime, logIndex: 0, logID: logId.toString("hex") };
      const rootHash = createHash("sha256").update(LEAF).update(bytes).digest("base64");
      const note = `${ORIGIN}\n1\n${rootHash}\n`;
      const line = Buffer.concat([logId.subarray(0, HINT_BYTES), signed(note)]);
      return {
        logIndex: "0",
        logId: { keyId: logId.toString("base64") },
        kindVersion: { kind: entry.kind, version: entry.apiVersion },
        integratedTime: String(integratedTime),
        inclusionPromise: {
          signedEntryTimestamp: signed(json.canonicalize(promised)).toString("base64"),
        },
        inclusionProof: {
          logIndex: "0",
          rootHash,
          treeSize: "1",
          hashes: [],
          checkpoint: { envelope: `${note}\n\u2014 ${ORIGIN} ${line.toString("base64")}\n` },
        },
        canonicalizedBody: body,
      };
    },
  };
}

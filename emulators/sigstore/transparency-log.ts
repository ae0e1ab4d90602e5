import { createHash, createPublicKey, sign } from "node:crypto";
import canonicalize from "canonicalize";

/** An entry as the log shows it, with its promise and its proof that it is in there. */
export type LogEntry = {
  /** Canonical JSON in base64. */
  readonly body: string;
  readonly kind: string;
  readonly version: string;
  /** Seconds since the epoch. */
  readonly integratedTime: number;
  readonly logIndex: number;
  /** The log's id, in hex. */
  readonly logId: string;
  /** The signed promise, in base64. */
  readonly promise: string;
  /** The proof, for a tree of this one entry. */
  readonly proof: { readonly rootHash: Buffer; readonly checkpoint: string };
};

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
  return {
    append: (entry, at) => {
      const bytes = Buffer.from(canonicalText(entry));
      const body = bytes.toString("base64");
      const integratedTime = Math.floor(at.getTime() / MS_PER_SECOND);
      const place = { logIndex: 0, logID: logId.toString("hex") };
      const promised = canonicalText({ body, integratedTime, ...place });
      const rootHash = createHash("sha256").update(LEAF).update(bytes).digest();
      return {
        body,
        kind: entry.kind,
        version: entry.apiVersion,
        integratedTime,
        logIndex: place.logIndex,
        logId: place.logID,
        promise: sign("sha256", Buffer.from(promised), key).toString("base64"),
        proof: { rootHash, checkpoint: toCheckpoint(key, logId, rootHash) },
      };
    },
  };
}

function toCheckpoint(key: string, logId: Buffer, rootHash: Buffer): string {
  const note = `${ORIGIN}\n1\n${rootHash.toString("base64")}\n`;
  const signature = sign("sha256", Buffer.from(note), key);
  const line = Buffer.concat([logId.subarray(0, HINT_BYTES), signature]).toString("base64");
  return `${note}\n\u2014 ${ORIGIN} ${line}\n`;
}

function canonicalText(value: object): string {
  return canonicalize(value) ?? "";
}

import type { Message } from "../kit/call.ts";
import { decodeMessage, encodeMessage } from "../kit/proto-json.ts";
import { loadProtos } from "../kit/protos.ts";

/** The descriptors of version 2 of the API. */
export const PROTOS = "@google-cloud/run/build/protos/protos.json";

const PACKAGE = "google.cloud.run.v2";

/**
 * A message as it would come over the wire.
 * @throws GoogleError INVALID_ARGUMENT that names the field which the message does not have, or not so.
 */
export function checkedMessage(type: string, json: Message): Message {
  const known = loadProtos(PROTOS).lookupType(`${PACKAGE}.${type}`);
  return decodeMessage(known, encodeMessage(known, json));
}

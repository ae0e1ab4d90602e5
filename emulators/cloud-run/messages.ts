import type { Message } from "../kit/call.ts";
import { describedFields, type Fields, withoutOutputOnly } from "../kit/collection-fields.ts";
import { decodeMessage, encodeMessage } from "../kit/proto-json.ts";
import { loadProtos } from "../kit/protos.ts";

/** The descriptors of version 2 of the API. */
export const PROTOS = "@google-cloud/run/build/protos/protos.json";

const PACKAGE = "google.cloud.run.v2";

/** The fields of what people make. What is required is checked with the rest, and named by its place in the request. */
export const FIELDS = {
  Service: describedFields(PROTOS, `${PACKAGE}.Service`, { required: [] }),
  Job: describedFields(PROTOS, `${PACKAGE}.Job`, {
    required: [],
    notEmulated: ["startExecutionToken", "runExecutionToken"],
  }),
};

/** What its owner says of a resource. */
export function specOf(fields: Fields, resource: Message): Message {
  const { hidden: _hidden, ...spec } = withoutOutputOnly(fields, resource);
  return spec;
}

/**
 * A message as it would come over the wire.
 * @throws GoogleError INVALID_ARGUMENT that names the field which the message does not have, or not so.
 */
export function checkedMessage(type: string, json: Message): Message {
  const known = loadProtos(PROTOS).lookupType(`${PACKAGE}.${type}`);
  return decodeMessage(known, encodeMessage(known, json));
}

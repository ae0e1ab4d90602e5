import type { Document } from "./documents.ts";
import { parseFieldPath, selectFields } from "./field-path.ts";
import { NAME_FIELD } from "./query-request.ts";
import { toTimestampText } from "./timestamp.ts";
import type { Fields } from "./value.ts";
import type { DocumentMask } from "./write.ts";

/** A document as answers have it; one that only has documents under it has nothing but a name. */
export type WireDocument = {
  readonly name: string;
  readonly fields?: Fields;
  readonly createTime?: string;
  readonly updateTime?: string;
};

/** A document as answers have it, with only the fields of the mask when there is one. */
export function toWire(document: Document, mask?: DocumentMask): WireDocument {
  const { name, fields, createTime, updateTime } = document;
  const paths = mask?.fieldPaths?.filter((path) => path !== NAME_FIELD);
  return {
    name,
    fields: paths === undefined ? fields : selectFields(fields, paths.map(parseFieldPath)),
    createTime: toTimestampText(createTime),
    updateTime: toTimestampText(updateTime),
  };
}

import type { Document } from "./documents.ts";
import { type FieldPath, valueAt } from "./field-path.ts";
import { NAME_FIELD } from "./query-request.ts";
import { StoredDocument } from "./stored-document.ts";
import type { Value } from "./value.ts";

/** The value of a document at a path, where `__name__` is a reference to the document itself. */
export function documentValue(document: Document, path: FieldPath): Value | undefined {
  if (path[0] === NAME_FIELD) {
    return { referenceValue: document.name };
  }
  return document instanceof StoredDocument
    ? document.valueAt(path)
    : valueAt(document.fields, path);
}

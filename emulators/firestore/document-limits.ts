import { googleError } from "../kit/google-error.ts";
import type { Fields, Value } from "./value.ts";
import { elementsOf } from "./value.ts";

/**
 * The largest document, in bytes.
 * Source: https://cloud.google.com/firestore/quotas
 */
const DOCUMENT_BYTES_MAX = 1024 * 1024;

/**
 * The longest field name, in bytes of UTF-8.
 * Source: https://cloud.google.com/firestore/quotas
 */
const FIELD_NAME_BYTES_MAX = 1500;

/**
 * The deepest nesting of maps and arrays.
 * Source: https://cloud.google.com/firestore/quotas
 */
const DEPTH_MAX = 20;

/**
 * The longest text or bytes of a field: a document's limit without 89 bytes.
 * Source: https://cloud.google.com/firestore/quotas
 */
const VALUE_BYTES_MAX = DOCUMENT_BYTES_MAX - 89;

/** What a document and a map take beside their fields, and a name beside its ids. */
const DOCUMENT_BYTES = 32;
const NAME_BYTES = 16;

/**
 * The size of a document as it counts against the limit.
 * Source: https://firebase.google.com/docs/firestore/storage-size
 */
export function documentBytes(name: string, fields: Fields): number {
  return nameBytes(name) + mapBytes(fields);
}

/**
 * Checks what the service refuses to store.
 * Source: https://cloud.google.com/firestore/quotas
 * @throws GoogleError INVALID_ARGUMENT for a reserved, empty or long field name, an array directly in
 * an array, nesting that is too deep, and a document that is too large.
 */
export function checkDocument(name: string, fields: Fields): void {
  for (const [field, value] of Object.entries(fields)) {
    checkFieldName(field);
    checkNested(field, value, 1);
  }
  const bytes = documentBytes(name, fields);
  if (bytes > DOCUMENT_BYTES_MAX) {
    throw googleError(
      "INVALID_ARGUMENT",
      `Document '${name}' cannot be written because its size (${bytes} bytes) exceeds the maximum allowed size of ${DOCUMENT_BYTES_MAX} bytes.`,
    );
  }
}

function checkFieldName(name: string): void {
  if (name === "") {
    throw googleError("INVALID_ARGUMENT", "The property.name is the empty string.");
  }
  if (/^__.*__$/s.test(name)) {
    throw googleError("INVALID_ARGUMENT", `field name ${name} is reserved`);
  }
  if (Buffer.byteLength(name) > FIELD_NAME_BYTES_MAX) {
    throw googleError(
      "INVALID_ARGUMENT",
      `The property.name is longer than ${FIELD_NAME_BYTES_MAX} bytes.`,
    );
  }
}

function checkNested(field: string, value: Value, depth: number): void {
  if (value.mapValue === undefined && value.arrayValue === undefined) {
    checkLength(field, value);
    return;
  }
  if (depth > DEPTH_MAX) {
    throw googleError("INVALID_ARGUMENT", `Property ${field} contains an invalid nested entity.`);
  }
  for (const element of elementsOf(value)) {
    if (element.arrayValue !== undefined) {
      throw googleError("INVALID_ARGUMENT", "Cannot convert an array value in an array value.");
    }
    checkNested(field, element, depth + 1);
  }
  for (const [name, inner] of Object.entries(value.mapValue?.fields ?? {})) {
    checkFieldName(name);
    checkNested(field, inner, depth + 1);
  }
}

function checkLength(field: string, { stringValue, bytesValue }: Value): void {
  const bytes =
    Buffer.byteLength(stringValue ?? "") + Buffer.byteLength(bytesValue ?? "", "base64");
  if (bytes > VALUE_BYTES_MAX) {
    throw googleError(
      "INVALID_ARGUMENT",
      `The value of property "${field}" is longer than ${VALUE_BYTES_MAX} bytes.`,
    );
  }
}

function mapBytes(fields: Fields): number {
  let bytes = DOCUMENT_BYTES;
  for (const [name, value] of Object.entries(fields)) {
    bytes += textBytes(name) + valueBytes(value);
  }
  return bytes;
}

function nameBytes(name: string): number {
  const ids = name.split("/").slice(5);
  return ids.reduce((bytes, id) => bytes + textBytes(id), NAME_BYTES);
}

function valueBytes(value: Value): number {
  if (value.stringValue !== undefined) {
    return textBytes(value.stringValue);
  }
  if (value.mapValue !== undefined) {
    return mapBytes(value.mapValue.fields ?? {});
  }
  if (value.arrayValue !== undefined) {
    return elementsOf(value).reduce((bytes, element) => bytes + valueBytes(element), 0);
  }
  if (value.bytesValue !== undefined) {
    return Buffer.byteLength(value.bytesValue, "base64");
  }
  if (value.referenceValue !== undefined) {
    return nameBytes(value.referenceValue);
  }
  return value.nullValue !== undefined || value.booleanValue !== undefined ? 1 : 8;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + 1;
}

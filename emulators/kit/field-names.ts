/**
 * Parameters that every Google API takes beside the request's fields; here they say nothing.
 * Source: https://cloud.google.com/apis/docs/system-parameters
 */
const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set([
  "$.xgafv",
  "$alt",
  "$callback",
  "$fields",
  "$key",
  "$prettyPrint",
  "$userProject",
  "access_token",
  "alt",
  "callback",
  "fields",
  "key",
  "oauth_token",
  "prettyPrint",
  "quotaUser",
  "uploadType",
  "upload_protocol",
  "userProject",
]);

/** Whether a parameter that is no field of the request is one of those that every API takes. */
export function isSystemParameter(name: string): boolean {
  return SYSTEM_PARAMETERS.has(name);
}

/** A field's name as JSON has it; in a URL it may also be as the proto has it. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A field's name as the proto has it. */
export function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import { parseFilter } from "../kit/filter.ts";

/**
 * The filter of this API's lists, `instance:abc AND type:FINAL location:us`; here a colon asks for the
 * whole value, unlike in most APIs.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/list
 * @throws GoogleError INVALID_ARGUMENT
 */
export function listFilter(text: string | undefined): (record: object) => boolean {
  return parseFilter((text ?? "").replaceAll(/(^|[\s(])([A-Za-z_][\w.]*):/g, "$1$2="));
}

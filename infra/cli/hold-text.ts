import type { z } from "zod";
import type { HoldView } from "../../shared/wire/api/schemas.ts";

/** What a hold stops, such as `web/prod`, `web` or `everything`. */
export function scopeText({ service, environment }: z.output<typeof HoldView>): string {
  if (service === null) {
    return "everything";
  }
  return environment === null ? service : `${service}/${environment}`;
}

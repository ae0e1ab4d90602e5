import type { CloudFunctions, ServingFunction } from "./functions.ts";
import { partsOf, serviceUrls, urlOf } from "./names.ts";

/** How a function serves; null when it does not. */
export function servingOf(
  { running, state, numberOf }: CloudFunctions,
  name: string,
): ServingFunction | null {
  const instance = running.get(name);
  const record = state.functions.get(name);
  return instance === undefined || record === undefined
    ? null
    : {
        name,
        urls: [urlOf(name), ...serviceUrls(name, numberOf(partsOf(name).project))],
        address: instance.address,
        config: record.spec.serviceConfig ?? {},
      };
}

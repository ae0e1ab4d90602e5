import { sizedId } from "./sized-documents.ts";

/** Every page that shows something of many services or of a long history, by its name. */
export function sizedPages(promotion: string): Readonly<Record<string, string>> {
  const service = sizedId(1);
  return {
    overview: "/",
    "search for a name": `/?text=${sizedId(99)}`,
    "search for what all have": "/?text=service&state=running",
    "search by owner and category": "/?owner=payments-and-billing&category=external",
    "search for what is held": "/?state=held",
    service: `/services/${service}`,
    environment: `/services/${service}/environments/internal-dogfood`,
    promotion: `/promotions/${promotion}`,
    timeline: `/services/${service}/timeline?span=month`,
    changed: "/changed",
    "numbers of all": "/numbers",
    "numbers of an owner": "/numbers?owner=payments-and-billing",
    "numbers of a service": `/numbers?service=${service}`,
    holds: "/holds",
    decisions: "/decisions",
    audit: `/audit?service=${service}`,
  };
}

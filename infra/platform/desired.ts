import type { Resource } from "./resource.ts";
import type { Platform } from "./settings.ts";
import { accounts, roles } from "./table/accounts.ts";
import { apis } from "./table/apis.ts";
import { database } from "./table/database.ts";
import { functionsOf } from "./table/functions.ts";
import { grants, serviceAgents } from "./table/grants.ts";
import { dashboard, monitoring } from "./table/monitoring.ts";
import { schedule } from "./table/schedule.ts";
import { storage } from "./table/storage.ts";
import { subscriptions, topics } from "./table/topics.ts";

/** Every resource of an installation, with the functions that it has. The order says nothing: `needs` does. */
export function desired(platform: Platform, functions: readonly string[]): readonly Resource[] {
  return [
    ...apis(platform),
    ...serviceAgents(platform),
    ...accounts(platform),
    ...roles(platform),
    ...storage(platform),
    ...topics(platform),
    ...database(platform),
    ...grants(platform, functions),
    ...functionsOf(platform, functions),
    ...subscriptions(platform, functions),
    ...schedule(platform),
    ...monitoring(platform),
    dashboard(platform),
  ];
}

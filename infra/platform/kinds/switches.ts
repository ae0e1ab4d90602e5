import { differences } from "../engine/differences.ts";
import type { Driver } from "../engine/driver.ts";
import type { Google } from "./google.ts";
import { restKind } from "./rest-kind.ts";
import { SHAPES } from "./shapes.ts";

/** A field that no update changes: a method of its own switches the thing on. */
type Switch = {
  readonly api: "iam" | "scheduler";
  readonly field: string;
  readonly on: boolean | string;
  readonly off: boolean | string;
  readonly method: string;
};

/** Accounts. Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/enable */
export function accountKind(google: Google, installation: string): Driver {
  const base = restKind(google, installation, SHAPES.account);
  const how = { api: "iam", field: "disabled", on: false, off: true, method: "enable" } as const;
  return withSwitch(google, base, how);
}

/** Jobs. Source: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/resume */
export function jobKind(google: Google, installation: string): Driver {
  const base = restKind(google, installation, SHAPES.job);
  const how = {
    api: "scheduler",
    field: "state",
    on: "ENABLED",
    off: "PAUSED",
    method: "resume",
  } as const;
  return withSwitch(google, base, how);
}

/** What somebody switched off is switched on again: nothing of Slipway works without it. */
function withSwitch(google: Google, base: Driver, how: Switch): Driver {
  const { api, field, on, off, method } = how;
  return {
    ...base,
    differences: (wanted, found) => [
      ...base.differences(wanted, found),
      ...(found[field] === off ? differences({ [field]: on }, found) : []),
    ],
    update: async (resource, found, changes) => {
      const others = changes.filter((change) => change.field !== field);
      if (others.length > 0) {
        await base.update(resource, found, others);
      }
      if (others.length < changes.length) {
        const path = `v1/${resource.name}:${method}`;
        await google.call(api, { method: "POST", path, body: {} });
      }
    },
  };
}

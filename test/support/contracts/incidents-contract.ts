import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Severity } from "../../../shared/domain/policy.ts";
import type { Incidents } from "../../../shared/ports/incidents.ts";
import { present } from "../present.ts";

/** A monitoring to be tried out. */
export type OpenIncidents = {
  readonly incidents: Incidents;
  /** Opens an incident of a new policy and gives its id. Null: the policy says no severity. */
  readonly raise: (
    project: string,
    policy: {
      readonly name: string;
      readonly severity: Severity | null;
      readonly labels?: { readonly service: string; readonly environment: string };
    },
  ) => Promise<string>;
  /** Closes all incidents of the project. */
  readonly calm: (project: string) => Promise<void>;
  readonly now: () => number;
  readonly close: () => Promise<void>;
};

const PROD = "web-prod-0a1b";
const DEV = "web-dev-0a1b";

/** What every monitoring must do. */
export function incidentsContract(name: string, open: () => Promise<OpenIncidents>): void {
  describe(`incidents ${name}`, () => {
    let opened: OpenIncidents;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    test("a calm project has none", async () => {
      expect(await opened.incidents.listOpen(PROD)).toEqual([]);
    });

    test("an open one says whose policy it is, how bad it is and since when", async () => {
      const labels = { service: "web", environment: "prod" };
      const policy = { name: "5xx ratio", severity: "ERROR", labels } as const;
      const id = await opened.raise(PROD, policy);
      expect(await opened.incidents.listOpen(PROD)).toEqual([
        { id, policy: "5xx ratio", severity: "ERROR", openedAt: opened.now(), ...labels },
      ]);
    });

    test("one of a policy without labels is nobody's in particular", async () => {
      await opened.raise(PROD, { name: "latency", severity: "WARNING" });
      const [incident] = await opened.incidents.listOpen(PROD);
      expect(present(incident, "the incident")).toMatchObject({ service: null, environment: null });
    });

    test("one of a policy without a severity is of an unknown one", async () => {
      await opened.raise(PROD, { name: "latency", severity: null });
      expect(await opened.incidents.listOpen(PROD)).toMatchObject([{ severity: "UNKNOWN" }]);
    });

    test("every open one is listed, of its own project only", async () => {
      const ids = [
        await opened.raise(PROD, { name: "latency", severity: "WARNING" }),
        await opened.raise(PROD, { name: "errors", severity: "CRITICAL" }),
      ];
      await opened.raise(DEV, { name: "errors", severity: "CRITICAL" });
      const listed = await opened.incidents.listOpen(PROD);
      expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    });

    test("one that is closed is not listed any more", async () => {
      await opened.raise(PROD, { name: "errors", severity: "CRITICAL" });
      await opened.calm(PROD);
      expect(await opened.incidents.listOpen(PROD)).toEqual([]);
      const id = await opened.raise(PROD, { name: "latency", severity: "WARNING" });
      expect(await opened.incidents.listOpen(PROD)).toMatchObject([{ id }]);
    });
  });
}

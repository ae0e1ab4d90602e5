import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { duration } from "../../../shared/domain/time.ts";
import type { VerifyPolicy } from "../../../shared/domain/policy.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import type { Prober } from "../../../shared/ports/prober.ts";
import { anEnvironment } from "../builders.ts";

/** A prober to be tried out. */
export type OpenProber = {
  readonly prober: Prober;
  /** Deploys an image with that tag, which is well or not. */
  readonly deploy: (
    environment: Environment,
    image: { readonly tag: string; readonly isHealthy: boolean },
  ) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What the services of Managed Services answer on. */
export const VERIFY: VerifyPolicy = {
  path: "/-/healthz",
  version: "/-/version",
  url: null,
  bake: duration(0),
  onFailure: "rollback",
};

const DEV = anEnvironment("dev");
const PROD = anEnvironment("prod");

/** What every prober must do. */
export function proberContract(name: string, open: () => Promise<OpenProber>): void {
  describe(`the prober ${name}`, () => {
    let opened: OpenProber;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    test("a service that is well says so, and which version it is", async () => {
      await opened.deploy(DEV, { tag: "v1", isHealthy: true });
      const seen = await opened.prober.probe(DEV, VERIFY);
      expect(seen).toMatchObject({ isHealthy: true, version: "v1" });
      expect(seen.detail).toContain(DEV.runService);
    });

    test("a service that is not well may still say which version it is", async () => {
      await opened.deploy(DEV, { tag: "v2", isHealthy: false });
      const seen = await opened.prober.probe(DEV, VERIFY);
      expect(seen).toMatchObject({ isHealthy: false, version: "v2" });
    });

    test("each environment has its own", async () => {
      await opened.deploy(DEV, { tag: "v2", isHealthy: false });
      await opened.deploy(PROD, { tag: "v1", isHealthy: true });
      expect(await opened.prober.probe(PROD, VERIFY)).toMatchObject({
        isHealthy: true,
        version: "v1",
      });
    });

    test("where there is no service, nothing can be asked", async () => {
      await expect(opened.prober.probe(DEV, VERIFY)).rejects.toMatchObject({
        name: "PermanentError",
        status: "NOT_FOUND",
      });
    });
  });
}

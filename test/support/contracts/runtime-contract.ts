import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Environment } from "../../../shared/domain/service.ts";
import type { Runtime } from "../../../shared/ports/runtime.ts";
import { aDigest, anEnvironment, aService } from "../builders.ts";

/** A runtime to be tried out. */
export type OpenRuntime = {
  readonly runtime: Runtime;
  /** Deploys an image so that it gets all the traffic. */
  readonly deploy: (environment: Environment, image: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const DEV = anEnvironment("dev");
const PROD = anEnvironment("prod");

/** What every runtime must do. */
export function runtimeContract(name: string, open: () => Promise<OpenRuntime>): void {
  describe(`the runtime ${name}`, () => {
    let opened: OpenRuntime;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    test("an environment in which nothing was deployed runs nothing", async () => {
      expect((await opened.runtime.running(DEV)).images).toEqual([]);
    });

    test("an environment runs what was deployed there last", async () => {
      await opened.deploy(DEV, imageNumbered(1));
      expect((await opened.runtime.running(DEV)).images).toEqual(whole(1));
      await opened.deploy(DEV, imageNumbered(2));
      expect((await opened.runtime.running(DEV)).images).toEqual(whole(2));
    });

    test("environments run apart", async () => {
      await opened.deploy(DEV, imageNumbered(1));
      await opened.deploy(PROD, imageNumbered(2));
      expect((await opened.runtime.running(DEV)).images).toEqual(whole(1));
      expect((await opened.runtime.running(PROD)).images).toEqual(whole(2));
    });
  });
}

function whole(number: number): readonly object[] {
  return [{ image: imageNumbered(number), percent: 100 }];
}

function imageNumbered(number: number): string {
  return `${aService().image}@${aDigest(number)}`;
}

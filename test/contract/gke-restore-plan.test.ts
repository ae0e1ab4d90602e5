import { describe, expect, test } from "vitest";
import { findRestorePlan } from "../../shared/adapters/gke-restore-plan.ts";
import type { RestRequest } from "../../shared/adapters/rest-client.ts";

const PLACE = "locations/us-central1";
const FROM = `projects/web-prod/${PLACE}/backupPlans/daily`;
const INTO = `projects/web-dev/${PLACE}/backupPlans/daily`;
const CLUSTER = `projects/web-dev/${PLACE}/clusters/main`;
/** The numbers of those two projects, as an answer may spell them. */
const FROM_BY_NUMBER = FROM.replace("web-prod", "111");
const CLUSTER_BY_NUMBER = CLUSTER.replace("web-dev", "222");

type Plan = { readonly name: string; readonly backupPlan: string; readonly cluster: string };

function plan(name: string, backupPlan = FROM, cluster = CLUSTER): Plan {
  return { name, backupPlan, cluster };
}

/** What is found where the project of the target has those restore plans, and says its cluster so. */
async function find(plans: readonly Plan[], cluster = CLUSTER): Promise<string> {
  const call = async ({ path }: RestRequest): Promise<unknown> => {
    if (path.endsWith("/backupPlans/daily")) {
      return Promise.resolve({ name: path.slice("/v1/".length), cluster });
    }
    return Promise.resolve({ restorePlans: path.includes("web-dev") ? plans : [] });
  };
  return findRestorePlan(call, FROM, INTO);
}

describe("the restore plan of a backup plan and a cluster", () => {
  test("is found by their names", async () => {
    expect(await find([plan("other", INTO), plan("mine")])).toBe("mine");
  });

  test.each([
    ["the backup plan's project", plan("mine", FROM_BY_NUMBER), CLUSTER],
    ["the cluster's project", plan("mine", FROM, CLUSTER_BY_NUMBER), CLUSTER],
    ["both", plan("mine", FROM_BY_NUMBER, CLUSTER_BY_NUMBER), CLUSTER],
    ["the project of the target's own cluster", plan("mine"), CLUSTER_BY_NUMBER],
  ])("is found where %s is told by number", async (_what, mine, cluster) => {
    expect(await find([mine], cluster)).toBe("mine");
  });

  test.each([
    ["of another project", plan("x", FROM.replace("web-prod", "web-test"))],
    ["of another plan", plan("x", FROM.replace("daily", "hourly"))],
    ["of another plan, told by number", plan("x", FROM_BY_NUMBER.replace("daily", "hourly"))],
    ["in another region", plan("x", FROM.replace("us-central1", "us-east1"))],
    ["into another cluster", plan("x", FROM, CLUSTER.replace("main", "spare"))],
    ["that is no name", plan("x", "daily", "main")],
  ])("is none %s", async (_what, other) => {
    await expect(find([other])).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining("there is no restore plan") as unknown,
    });
  });

  test("that is spelled alike comes before one that only may be meant", async () => {
    expect(await find([plan("maybe", FROM_BY_NUMBER), plan("mine")])).toBe("mine");
  });

  test("is not guessed between two that may be meant", async () => {
    const both = [plan("one", FROM_BY_NUMBER), plan("two", FROM.replace("web-prod", "333"))];
    await expect(find(both)).rejects.toThrow("one and two may both be for backups");
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Directory } from "../../../shared/ports/directory.ts";

/** A directory to be tried out, with the groups `GROUPS`. */
export type OpenDirectory = { readonly directory: Directory; readonly close: () => Promise<void> };

/** The members of each group: `all@example.com` has the group `sre@example.com` in it. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "sre@example.com": ["ann@example.com", "ci@slipway.iam.gserviceaccount.com"],
  "all@example.com": ["sre@example.com", "bob@example.com"],
};

/** What every directory must do. */
export function directoryContract(name: string, open: () => Promise<OpenDirectory>): void {
  describe(`the directory ${name}`, () => {
    let opened: OpenDirectory;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    test.for([
      ["sre@example.com", "ann@example.com", true, "directly"],
      ["sre@example.com", "ci@slipway.iam.gserviceaccount.com", true, "as a service account"],
      ["all@example.com", "ann@example.com", true, "through another group"],
      ["all@example.com", "bob@example.com", true, "directly"],
      ["sre@example.com", "bob@example.com", false, "because they are in another"],
      ["sre@example.com", "eve@example.com", false, "because they are in none"],
      ["sre@example.com", "o'hara@example.com", false, "whatever is in their address"],
      ["sre@example.com", '"\' || true"@example.com', false, "whatever they try"],
      ["nobody@example.com", "ann@example.com", false, "because there is no such group"],
    ] as const)("%s: whether %s is a member is %s, %s", async ([group, email, isMember]) => {
      expect(await opened.directory.isMember(group, email)).toBe(isMember);
    });
  });
}

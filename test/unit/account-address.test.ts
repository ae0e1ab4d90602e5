import { expect, test } from "vitest";
import { accountEmail } from "../../infra/platform/table/names.ts";
import { accountAddress } from "../../infra/resources/account-address.ts";
import { someSettings } from "../support/platform/settings.ts";

test.each([
  ["acme-web-dev", "web-sa@acme-web-dev.iam.gserviceaccount.com"],
  ["example.com:web", "web-sa@web.example.com.iam.gserviceaccount.com"],
])("an account of %s is %s", (project, address) => {
  expect(accountAddress(project, "web-sa")).toBe(address);
});

test("an installation in a project of a domain names its own accounts so", () => {
  const settings = { ...someSettings(), project: "example.com:slipway" };
  expect(accountEmail(settings, "slipway-run")).toBe(
    "slipway-run@slipway.example.com.iam.gserviceaccount.com",
  );
});

import { describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config.ts";

describe("the configuration", () => {
  test("needs no more than a project", () => {
    const config = readConfig({ SLIPWAY_PROJECT: "acme" });
    expect(config).toMatchObject({
      project: "acme",
      location: "us-central1",
      access: { viewer: [], deployer: [] },
      identity: { jwksUrl: "https://www.googleapis.com/oauth2/v3/certs", audiences: [] },
      endpoints: { cloudDeploy: null, firestore: null },
    });
  });

  test("reads lists of principals", () => {
    const config = readConfig({
      SLIPWAY_PROJECT: "acme",
      SLIPWAY_DEPLOYERS: "group:eng@example.com, user:ann@example.com",
    });
    expect(config.access.deployer).toEqual(["group:eng@example.com", "user:ann@example.com"]);
  });

  test("names every variable that is missing or wrong", () => {
    expect(() =>
      readConfig({ SLIPWAY_DEPLOYERS: "ann@example.com", SLIPWAY_PUBSUB_ENDPOINT: "http://x" }),
    ).toThrow(/SLIPWAY_PROJECT[\s\S]*SLIPWAY_DEPLOYERS[\s\S]*SLIPWAY_PUBSUB_ENDPOINT/);
  });
});

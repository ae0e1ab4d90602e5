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

  test("reads the endpoints of the local cloud, each in its own form", () => {
    const { endpoints } = readConfig({
      SLIPWAY_PROJECT: "acme",
      SLIPWAY_SECRET_MANAGER_ENDPOINT: "127.0.0.1:8001",
      SLIPWAY_CLOUD_SQL_ENDPOINT: "http://127.0.0.1:8002",
      SLIPWAY_GKE_BACKUP_ENDPOINT: "http://127.0.0.1:8003/",
      SLIPWAY_MONITORING_ENDPOINT: "http://127.0.0.1:8004",
    });
    expect(endpoints).toMatchObject({
      secretManager: "127.0.0.1:8001",
      cloudSql: "http://127.0.0.1:8002",
      gkeBackup: "http://127.0.0.1:8003",
      monitoring: "http://127.0.0.1:8004",
      cloudIdentity: null,
    });
  });

  test("names every variable that is missing or wrong", () => {
    expect(() =>
      readConfig({ SLIPWAY_DEPLOYERS: "ann@example.com", SLIPWAY_PUBSUB_ENDPOINT: "http://x" }),
    ).toThrow(/SLIPWAY_PROJECT[\s\S]*SLIPWAY_DEPLOYERS[\s\S]*SLIPWAY_PUBSUB_ENDPOINT/);
  });
});

import { describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config.ts";
import { scopingProjectOf } from "../../shared/domain/scoping.ts";

function readDatabase(id?: string): string | null {
  return readConfig({ SLIPWAY_PROJECT: "acme", SLIPWAY_DATABASE: id }).database;
}

/** Where the alerts of two projects are. */
function readScopes(text: string): readonly string[] {
  const { scoping } = readConfig({ SLIPWAY_PROJECT: "acme", SLIPWAY_SCOPING_PROJECT: text });
  return ["web-prod", "web-dev"].map((project) => scopingProjectOf(scoping, project));
}

describe("the configuration", () => {
  test("needs no more than a project", () => {
    const config = readConfig({ SLIPWAY_PROJECT: "acme" });
    expect(config).toMatchObject({
      project: "acme",
      location: "us-central1",
      access: { viewer: [], deployer: [] },
      identity: { jwksUri: "https://www.googleapis.com/oauth2/v3/certs", audiences: [] },
      endpoints: { cloudDeploy: null, firestore: null },
    });
  });

  test("names the default database, or another", () => {
    expect(readDatabase()).toBeNull();
    expect(readDatabase("(default)")).toBeNull();
    expect(readDatabase("slipway")).toBe("slipway");
    expect(readDatabase("s2-a")).toBe("s2-a");
    expect(readDatabase(`s${"a".repeat(62)}`)).toHaveLength(63);
  });

  test.each(["", "abc", "Slipway", "2slip", "slipway-", `s${"a".repeat(63)}`])(
    "refuses the database %j by name",
    (id) => {
      expect(() => readDatabase(id)).toThrow("SLIPWAY_DATABASE: must be (default) or 4 to 63");
    },
  );

  test("says where the alerts of projects are: each by itself, one for all, one for some", () => {
    expect(readScopes("")).toEqual(["web-prod", "web-dev"]);
    expect(readScopes("central")).toEqual(["central", "central"]);
    expect(readScopes("web-prod=central")).toEqual(["central", "web-dev"]);
    expect(readScopes("web-prod = special , central")).toEqual(["special", "central"]);
  });

  test("reads lists of principals", () => {
    const config = readConfig({
      SLIPWAY_PROJECT: "acme",
      SLIPWAY_DEPLOYERS: "group:eng@example.com, user:ann@example.com",
    });
    expect(config.access.deployer).toEqual(["group:eng@example.com", "user:ann@example.com"]);
  });

  test("reads principals in the one form in which they are compared", () => {
    const config = readConfig({
      SLIPWAY_PROJECT: "acme",
      SLIPWAY_ONCALL:
        " group:SRE@Example.com , serviceAccount:Ann@example.com,user:bot@p.iam.gserviceaccount.com",
    });
    expect(config.access.oncall).toEqual([
      "group:sre@example.com",
      "user:ann@example.com",
      "serviceAccount:bot@p.iam.gserviceaccount.com",
    ]);
  });

  test("reads who the owners of services are, each in an item of its own", () => {
    const config = readConfig({
      SLIPWAY_PROJECT: "acme",
      SLIPWAY_OWNERS:
        "team-a=group:team-a@example.com, team-a = user:Ann@example.com,constructor=domain:example.com",
    });
    expect(config.access.owners).toEqual([
      { owner: "team-a", principals: ["group:team-a@example.com"] },
      { owner: "team-a", principals: ["user:ann@example.com"] },
      { owner: "constructor", principals: ["domain:example.com"] },
    ]);
  });

  test.each([
    ["SLIPWAY_SCOPING_PROJECT", "central,other1"],
    ["SLIPWAY_SCOPING_PROJECT", "Central"],
    ["SLIPWAY_SCOPING_PROJECT", "web-prod="],
    ["SLIPWAY_SCOPING_PROJECT", "web-prod=central=more"],
    ["SLIPWAY_OWNERS", "team-a"],
    ["SLIPWAY_OWNERS", "=group:team-a@example.com"],
    ["SLIPWAY_OWNERS", "team-a=team-a@example.com"],
    ["SLIPWAY_OWNERS", "team-a=allUsers"],
    ["SLIPWAY_VIEWERS", "allAuthenticatedUsers"],
    ["SLIPWAY_VIEWERS", "domain:gmail.com"],
    ["SLIPWAY_DEPLOYERS", "Group:eng@example.com"],
    ["SLIPWAY_DEPLOYERS", "group:eng"],
    ["SLIPWAY_ONCALL", "user:"],
  ])("refuses %s %s by name", (name, value) => {
    expect(() => readConfig({ SLIPWAY_PROJECT: "acme", [name]: value })).toThrow(name);
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

import { expect, test } from "vitest";
import { parseInstallation } from "../../infra/platform/installation-file.ts";
import { noticeEnvironment } from "../../infra/platform/table/functions.ts";
import { readConfig } from "../../shared/config.ts";
import type { GithubConfig } from "../../shared/wire/github-config.ts";
import { somePlatform } from "../support/platform/settings.ts";
import { present } from "../support/present.ts";

const BASE = "project: acme-slipway\nlocation: us-central1\n";
const SECRET = "projects/acme-slipway/secrets/s";

/** What the function is told by a file's section. */
function configOf(section: string): GithubConfig | null {
  const { installation, problems } = parseInstallation(`${BASE}github: {${section}}`);
  const { github } = present(installation, JSON.stringify(problems)).settings;
  const environment = noticeEnvironment(somePlatform({ github }));
  return readConfig({ SLIPWAY_PROJECT: "acme-slipway", ...environment }).notices.github;
}

test("what the file says of GitHub is what the function is told", () => {
  expect(configOf("app: 123456, key: s")).toEqual({
    app: "123456",
    secret: SECRET,
    host: "github.com",
    endpoint: null,
  });
  expect(configOf("token: s")).toEqual({
    app: null,
    secret: SECRET,
    host: "github.com",
    endpoint: null,
  });
});

test.each([
  ["https://github.example.com/api/v3/", "github.example.com", "https://github.example.com/api/v3"],
  ["https://api.acme.ghe.com", "acme.ghe.com", "https://api.acme.ghe.com"],
])("the API at %s is for the repositories on %s", (url, host, endpoint) => {
  expect(configOf(`token: s, url: '${url}'`)).toMatchObject({ host, endpoint });
});

test.each([
  ["app: 123456", "github", "needs an app with its key, or a token"],
  ["key: s", "github", "needs an app with its key, or a token"],
  ["app: 123456, key: s, token: t", "github", "needs an app with its key, or a token"],
  ["app: slipway, key: s", "github.app", "must be an app's id"],
  ["token: s, url: 'http://github.example.com'", "github.url", "must be the API's address"],
  ["token: 'a b'", "github.token", "must be the id of a secret"],
])("github: {%s} is refused at %s: %s", (section, path, complaint) => {
  const { installation, problems } = parseInstallation(`${BASE}github: {${section}}`);
  expect(installation).toBeNull();
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expect(problems[0]?.message).toContain(complaint);
});

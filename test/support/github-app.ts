import { generateKeyPairSync } from "node:crypto";
import { startGithub } from "../../emulators/github/server.ts";
import type { RunningGithub } from "../../emulators/github/server.ts";
import { keepSecret } from "../../infra/local/keep-secret.ts";
import type { LocalWorld } from "./local-world.ts";

const COMMIT = "4d4d4d4d4d4d";
const REPOSITORY = "example/web";
const SECRET = "github-key";

/** The last part of the specification of a service that is shown on GitHub, as lines of YAML. */
export const SHOWN_ON_GITHUB: readonly string[] = [
  "delivery:",
  "  tags: '^(?<commit>[0-9a-f]{12})_(?<build>\\d+)$'",
  "  notify: [{github: true}]",
];

/** A tag that names a commit which is there. */
export const TAG_ON_GITHUB = `${COMMIT}_1`;

/** A GitHub where we are known as an app, and what a function is told of it. */
export type KnownApp = {
  readonly environment: Readonly<Record<string, string>>;
  /** The environments that commits were deployed to. */
  readonly shown: () => readonly string[];
  readonly close: RunningGithub["close"];
};

/** Opens one, and keeps the app's key in a secret of a local cloud, in the form in which GitHub hands it out. */
export async function openKnownApp({ file }: LocalWorld): Promise<KnownApp> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const at = { project: file.project, id: SECRET };
  await keepSecret(file.endpoints["secretManager"] ?? "", at, privateKey);
  const github = await startGithub({
    repositories: [{ name: REPOSITORY, commits: [COMMIT.padEnd(40, "0")], pulls: [] }],
    app: { publicKey },
  });
  return {
    environment: {
      SLIPWAY_GITHUB_APP: "4711",
      SLIPWAY_GITHUB_SECRET: `projects/${file.project}/secrets/${SECRET}`,
      SLIPWAY_GITHUB_ENDPOINT: github.url,
    },
    shown: () => github.deployments(REPOSITORY).map(({ deployment }) => deployment.environment),
    close: github.close,
  };
}

import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { PRIVATE_FILE_MODE } from "../../emulators/kit/private-files.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { withSpecs } from "../platform/from-specs.ts";
import { parseInstallation } from "../platform/installation-file.ts";
import type { Settings } from "../platform/settings.ts";
import { SAMPLES } from "./samples.ts";
import { LOCAL_GITHUB } from "./github-secret.ts";
import { LOCAL_SLACK } from "./slack-secrets.ts";
import { LOCAL_LOCATION, LOCAL_OWNERS, LOCAL_PEOPLE, LOCAL_PROJECT } from "./settings.ts";

/** The folder of the samples. */
const SERVICES = fileURLToPath(new URL("../services", import.meta.url));

/** The installation that the local cloud is: its settings, and the specifications that they count. */
export type WrittenLocal = { readonly settings: Settings; readonly specs: readonly ServiceSpec[] };

/**
 * Writes the file of the local cloud's installation, and reads it as the command line does. `api` is the address of the
 * API here, for which the local tokens are, and `pages` that of the pages.
 * @throws Error when a sample is not valid.
 */
export async function writeInstallation(
  directory: string,
  { api, pages }: { readonly api: string; readonly pages: string },
): Promise<WrittenLocal> {
  const folder = join(directory, ".slipway");
  const text = stringify({
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    services: SAMPLES.map((id) => relative(folder, join(SERVICES, id))),
    people: {
      viewers: [`user:${LOCAL_PEOPLE.viewer}`],
      deployers: [`user:${LOCAL_PEOPLE.deployer}`],
      approvers: [`user:${LOCAL_PEOPLE.approver}`],
      oncall: [`user:${LOCAL_PEOPLE.oncall}`],
      owners: Object.fromEntries(Object.entries(LOCAL_OWNERS).map(([id, who]) => [id, [who]])),
    },
    audiences: [api],
    slack: { token: LOCAL_SLACK.secrets.token },
    chat: {
      signingSecret: LOCAL_SLACK.secrets.signing,
      team: LOCAL_SLACK.team,
    },
    github: { token: LOCAL_GITHUB.secret },
    notices: { channels: ["#slipway"], pages },
  });
  await writeFile(join(folder, "slipway.yaml"), text, { mode: PRIVATE_FILE_MODE });
  const { installation, problems } = parseInstallation(text);
  if (installation === null) {
    throw new Error(`the local cloud's installation is not valid: ${JSON.stringify(problems)}`);
  }
  const specs = await Promise.all(
    installation.services.map(async (path) => readSpec(join(folder, path))),
  );
  return { settings: withSpecs(installation.settings, specs), specs };
}

async function readSpec(folder: string): Promise<ServiceSpec> {
  const file = join(folder, "service.yaml");
  const { spec, problems } = parseServiceSpec(await readFile(file, "utf8"));
  if (spec === null) {
    throw new Error(`${file} is not valid: ${JSON.stringify(problems)}`);
  }
  return spec;
}

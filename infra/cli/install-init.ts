import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { FILE_DEFAULT } from "./install-context.ts";
import { examples } from "./options.ts";
import { print } from "./output.ts";

type InitOptions = { readonly file: string; readonly location: string };

/** `slipway install init`: a file of an installation to begin with. */
export function installInitCommand(): Command {
  return new Command("init")
    .summary("write a first file that describes an installation")
    .description("Write a file that describes an installation, with every key explained.")
    .argument("<project>", "the project that Slipway is to run in")
    .option("--location <region>", "the region of the functions and the database", "us-central1")
    .option("--file <path>", "where to write it", FILE_DEFAULT)
    .addHelpText("after", examples("install init acme-slipway --location europe-west3"))
    .action(async (project: string, { file, location }: InitOptions) => {
      try {
        await writeFile(file, installationText(project, location), { flag: "wx" });
      } catch (error) {
        const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
        const reason = isThere ? "is there already" : "cannot be written";
        throw new CliError(EXIT.usage, `${file} ${reason}: name another file with --file`);
      }
      print(`${file} is written. Fill it in, then: slipway install plan`);
    });
}

function installationText(project: string, location: string): string {
  return `${mainText(project, location)}${TOLD_TEXT}`;
}

/** Where the installation tells people, and collectors, of what it does. */
const TOLD_TEXT = `
# The app in Slack: a secret of Slipway's project with its bot's token. Without it nobody is told or asks there.
# slack: {token: slack-token}

# A relay that takes mail, over TLS; see docs/guides/notices.md.
# mail:
#   relay: smtp://smtp-relay.example.com:587   # or smtps://HOST:465; Google Cloud lets nobody out by port 25
#   from: slipway@example.com
#   user: slipway@example.com                  # with the secret of its password
#   password: smtp-password
#   domains: [example.com]                     # to whom; the domain of from, if it is left out

# People who ask in Slack; see docs/guides/chat.md. Anybody may call the function for it: it believes Slack's signature.
# chat:
#   signingSecret: slack-signing-secret   # a secret of Slipway's project
#   team: T012AB3CD                       # whose people may ask
#   people: {}                            # U012AB3CD: ann@example.com, where Slack has another address

# Promotions as deployments on GitHub; see docs/guides/github.md.
# github: {app: "123456", key: github-key}   # an app, and a secret of Slipway's project with its private key

# Who is told what happens; see docs/guides/notices.md.
notices:
  channels: []                    # '#slipway': what presses, of all services
  # defaults: ['#alerts-<service>-<environment>']   # who is told where a specification says nothing
  # pages: https://slipway.example.com   # where people reach the pages, if they have another address

# A collector of OpenTelemetry that gets traces and numbers of Slipway itself, and a secret of its headers; see docs/guides/traces.md.
# telemetry:
#   endpoint: https://otlp.example.com
#   headersSecret: otlp-headers
`;

function mainText(project: string, location: string): string {
  return `# What Slipway is installed for. slipway install plan compares it with what is there.

# The project of Slipway itself, and the region of its functions and its database.
project: ${project}
location: ${location}

# Folders or files with service.yaml: their registries, projects, accounts and CI count too.
services: []

# Repositories of images, such as ${location}-docker.pkg.dev/acme-images/apps.
registries: []

# Projects that services run in, where the specifications do not say it.
#  - project: acme-web-prod
#    cloudSQL: true                # promotions back a database up
#    gkeBackup: false              # promotions take a Backup for GKE
#    secrets: [DIAGNOSTICS_SECRET] # that probes show to the service
#    runtimeAccounts: [web@acme-web-prod.iam.gserviceaccount.com]
#    jobAccounts: []               # of migration jobs whose image a release brings
environments: []

# Projects with delivery pipelines; Slipway's own if none is named.
pipelineProjects: []

# Who may do what; see docs/guides/access.md. They may also call the API.
people:
  viewers: []    # group:eng@example.com
  deployers: []
  approvers: []
  oncall: []
  owners: {}     # team-a: [group:team-a@example.com]

# Accounts of continuous integration that call the API, such as serviceAccount:ci@acme-build.iam.gserviceaccount.com.
callers: []

# Further audiences of tokens for the API.
audiences: []

# The project in which alerts of all environments are seen, if it is one.
# incidentsProject: acme-monitoring

# Notification channels for Slipway's own alerts: projects/P/notificationChannels/N.
alertChannels: []
`;
}

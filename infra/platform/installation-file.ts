import { parseDocument } from "yaml";
import { z } from "zod";
import { Github } from "./github-file.ts";
import { PLATFORM_CHANNEL } from "../../shared/domain/notices/channel.ts";
import { whyNoRelay, MAIL_ADDRESS, MAIL_DOMAIN } from "../../shared/wire/mail-relay.ts";
import { explainIssue } from "../../shared/wire/spec/explain-issue.ts";
import { complainAboutPrincipal } from "../../shared/wire/spec/principal.ts";
import { OwnNotifyEntry, toOwnRules } from "../../shared/wire/spec/notify-section.ts";
import type { Path, Problem } from "../../shared/wire/spec/problem.ts";
import { inOrder, problemAt } from "../../shared/wire/spec/position.ts";
import { NOTHING_MENTIONED } from "./settings.ts";
import type {
  ChatSettings,
  EnvironmentProject,
  MailSettings,
  NoticeSettings,
  Registry,
  Settings,
} from "./settings.ts";

/** Source: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const LOCATION = /^[a-z]+-[a-z]+\d+$/;
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com$/;
const SECRET = /^[A-Za-z0-9_-]{1,255}$/;
const CHANNEL = /^projects\/[^/]+\/notificationChannels\/[^/]+$/;
const ITEMS_MAX = 200;
const TEXT_BYTES_MAX = 2 ** 18;

const project = z.string().regex(PROJECT, "must be a project's id, such as acme-slipway");
const account = z
  .string()
  .regex(ACCOUNT, "must be a service account's address, such as web@p.iam.gserviceaccount.com");

const principal = z.string().superRefine((text, context) => {
  const complaint = complainAboutPrincipal(text);
  if (complaint !== null) {
    context.addIssue({ code: "custom", message: complaint });
  }
});

const list = <Item extends z.ZodType>(item: Item): z.ZodDefault<z.ZodArray<Item>> =>
  z.array(item).max(ITEMS_MAX).default([]);

const registry = z.string().transform((text, context): Registry => {
  const found = registryOf(text);
  if (found === null) {
    const message =
      "must be a Docker repository, such as europe-west3-docker.pkg.dev/acme-images/apps";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  return found;
});

const Environment = z
  .strictObject({
    project,
    cloudSQL: z.boolean().default(false),
    gkeBackup: z.boolean().default(false),
    secrets: list(z.string().regex(SECRET, "must be a secret's id")),
    runtimeAccounts: list(account),
    jobAccounts: list(account),
  })
  .transform(({ cloudSQL, ...rest }): EnvironmentProject => ({ ...rest, cloudSql: cloudSQL }));

const People = z.strictObject({
  viewers: list(principal),
  deployers: list(principal),
  approvers: list(principal),
  oncall: list(principal),
  owners: z.record(z.string(), z.array(principal).max(ITEMS_MAX)).default({}),
});

const secretId = z.string().regex(SECRET, "must be the id of a secret of Slipway's project");

/** Source: https://docs.slack.dev/reference/objects/team-object */
const SLACK_TEAM = /^[TE][A-Z0-9]{2,20}$/;
const SLACK_USER = /^[UW][A-Z0-9]{2,20}$/;

/** A key that is another one now. */
const moved = (to: string): z.ZodOptional<z.ZodType<undefined>> =>
  z
    .custom<undefined>((value) => value === undefined, {
      error: `is ${to} now: write it there, and take it out here`,
    })
    .optional();

const Slack = z.strictObject({ token: secretId });

const Mail = z
  .strictObject({
    relay: z.string().superRefine((text, context) => {
      const message = whyNoRelay(text);
      if (message !== null) {
        context.addIssue({ code: "custom", message });
      }
    }),
    from: z.string().regex(MAIL_ADDRESS, "must be an address, such as slipway@example.com"),
    user: z.string().min(1).optional(),
    password: secretId.optional(),
    domains: z
      .array(z.string().regex(MAIL_DOMAIN, "must be a domain in lower case, such as example.com"))
      .max(ITEMS_MAX)
      .optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: "needs both of user and password, or neither",
  })
  .transform(({ relay, from, user, password, domains }): MailSettings => ({
    relay,
    from,
    user: user ?? null,
    password: password ?? null,
    domains: domains ?? [from.slice(from.lastIndexOf("@") + 1).toLowerCase()],
  }));

const Chat = z
  .strictObject({
    signingSecret: secretId,
    token: moved("slack.token"),
    team: z.string().regex(SLACK_TEAM, "must be a workspace's id, such as T012AB3CD"),
    people: z
      .record(
        z.string().regex(SLACK_USER, "must be a person's id in Slack, such as U012AB3CD"),
        z.email("must be the address by which Slipway knows them"),
      )
      .default({}),
  })
  .transform(({ people, signingSecret, team }): ChatSettings => ({
    signingSecret,
    team,
    people: Object.entries(people).map(([id, email]) => `${id}=${email}`),
  }));

const Notices = z.strictObject({
  slackToken: moved("slack.token"),
  pages: z.url("must be an address, such as https://slipway.example.com").optional(),
  channels: list(OwnNotifyEntry),
  defaults: z.array(OwnNotifyEntry).max(ITEMS_MAX).optional(),
});

const Telemetry = z.strictObject({
  endpoint: z.url({
    protocol: /^https?$/,
    error: "must be an address, such as https://otlp.example.com, without /v1/traces",
  }),
  headersSecret: secretId.optional(),
});

const InstallationFile = z.strictObject({
  slack: Slack.optional(),
  mail: Mail.optional(),
  project,
  location: z.string().regex(LOCATION, "must be a region, such as europe-west3"),
  registries: list(registry),
  services: list(z.string().min(1)),
  environments: list(Environment),
  pipelineProjects: list(project),
  people: People.prefault({}),
  callers: list(principal),
  audiences: list(z.url("must be an address, such as https://api.example.com")),
  incidentsProject: project.optional(),
  notices: Notices.prefault({}),
  alertChannels: list(
    z.string().regex(CHANNEL, "must be a channel's name, projects/P/notificationChannels/N"),
  ),
  chat: Chat.optional(),
  telemetry: Telemetry.optional(),
  github: Github.optional(),
});

/** Chat answers as the bot, whose token stands under `slack`. */
const WholeFile = InstallationFile.refine(
  ({ chat, slack }) => chat === undefined || slack !== undefined,
  { path: ["chat"], error: "needs the bot's token too: slack: {token: …}" },
);

/** An installation as its file describes it, and where the services are whose environments count too. */
export type WrittenInstallation = {
  readonly settings: Settings;
  /** Files and folders, as they are written. */
  readonly services: readonly string[];
};

/** What a file of an installation says, or everything that is wrong with it. Never throws. */
export function parseInstallation(text: string): {
  readonly installation: WrittenInstallation | null;
  readonly problems: readonly Problem[];
} {
  if (Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    return {
      installation: null,
      problems: [atStart(`the file has more than ${TEXT_BYTES_MAX} bytes`)],
    };
  }
  const document = parseDocument(text, { logLevel: "silent" });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, linePos }) => {
      const { line = 1, col = 1 } = linePos?.[0] ?? {};
      return Object.assign(atStart(message.split("\n")[0] ?? message), { line, column: col });
    });
    return { installation: null, problems };
  }
  const value: unknown = document.toJS();
  const parsed = WholeFile.safeParse(value ?? {}, { error: explain });
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) =>
      problemAt(text, { path: pathOf(issue), message: issue.message }, "error"),
    );
    return { installation: null, problems: inOrder(problems) };
  }
  return { installation: toInstallation(parsed.data), problems: [] };
}

function explain(issue: z.core.$ZodRawIssue): string {
  return issue.code === "unrecognized_keys"
    ? `there is no key ${issue.keys.join(", ")} here`
    : explainIssue(issue);
}

function toInstallation(file: z.output<typeof InstallationFile>): WrittenInstallation {
  const {
    people,
    services,
    incidentsProject,
    pipelineProjects,
    slack,
    mail,
    chat,
    notices,
    github,
    telemetry,
    ...rest
  } = file;
  const owners = Object.entries(people.owners).flatMap(([owner, principals]) =>
    principals.map((one) => `${owner}=${one}`),
  );
  return {
    services,
    settings: {
      ...rest,
      pipelineProjects: pipelineProjects.length === 0 ? [file.project] : pipelineProjects,
      people: { ...people, owners },
      incidentsProject: incidentsProject ?? null,
      slackToken: slack?.token ?? null,
      mail: mail ?? null,
      chat: chat ?? null,
      notices: toNotices(notices, slack !== undefined),
      github: github ?? null,
      telemetry:
        telemetry === undefined
          ? null
          : { endpoint: telemetry.endpoint, headersSecret: telemetry.headersSecret ?? null },
      mentioned: NOTHING_MENTIONED,
    },
  };
}

/** What the installation's own channels are told of all services where they do not say it. */
const OWN_CHANNELS_HEAR = ["stuck", "break-glass"] as const;

function toNotices(
  { channels, defaults, pages }: z.output<typeof Notices>,
  isSlackThere: boolean,
): NoticeSettings {
  const platforms = isSlackThere ? [PLATFORM_CHANNEL] : [];
  return {
    channels: channels.flatMap((entry) => toOwnRules(entry, OWN_CHANNELS_HEAR)),
    defaults: defaults?.flatMap((entry) => toOwnRules(entry, [])) ?? platforms,
    pages: pages ?? null,
  };
}

/** A project may be one of a domain, which has two parts: example.com/project. */
const REPOSITORY =
  /^(?<location>[a-z0-9-]+)-docker\.pkg\.dev\/(?:(?<domain>[a-z0-9-]+\.[a-z0-9.-]+)\/)?(?<project>[a-z0-9-]+)\/(?<repository>[a-z0-9-]+)(?:[/:@]|$)/;

/** The repository that an image's or its own address names; null when there is none. */
export function registryOf(text: string): Registry | null {
  const groups = REPOSITORY.exec(text)?.groups;
  if (groups === undefined) {
    return null;
  }
  const { location = "", domain, project: id = "", repository = "" } = groups;
  return { project: domain === undefined ? id : `${domain}:${id}`, location, repository };
}

function pathOf({ path }: { readonly path: readonly PropertyKey[] }): Path {
  return path.map((part) => (typeof part === "symbol" ? String(part) : part));
}

function atStart(message: string): Problem {
  return { severity: "error", path: "", line: 1, column: 1, message };
}

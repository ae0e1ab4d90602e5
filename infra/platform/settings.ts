import type { NotifyRule } from "../../shared/domain/notices/channel.ts";
import { githubSecret } from "./github-file.ts";
import type { GithubSettings } from "./github-file.ts";

/** A repository of images that Slipway watches. */
export type Registry = {
  readonly project: string;
  readonly location: string;
  readonly repository: string;
};

/** A project in which services run, and what Slipway does there. */
export type EnvironmentProject = {
  readonly project: string;
  /** Whether promotions take backups of Cloud SQL, or restore them. */
  readonly cloudSql: boolean;
  /** Whether promotions take backups by Backup for GKE. */
  readonly gkeBackup: boolean;
  /** Secrets that Slipway reads for its probes: their ids. */
  readonly secrets: readonly string[];
  /** Accounts that services run as: Cloud Deploy must be allowed to use them. */
  readonly runtimeAccounts: readonly string[];
  /** Accounts of migration jobs whose image a release brings. */
  readonly jobAccounts: readonly string[];
};

/** The people of an installation, as principals such as `group:sre@example.com`. */
export type People = {
  readonly viewers: readonly string[];
  readonly deployers: readonly string[];
  readonly approvers: readonly string[];
  readonly oncall: readonly string[];
  /** Items such as `team-a=group:team-a@example.com`. */
  readonly owners: readonly string[];
};

/** What specifications name and others make: it has to be there, and is never made here. */
export type Mentioned = {
  /** Full names of Cloud Run jobs, `projects/P/locations/R/jobs/J`. */
  readonly jobs: readonly string[];
  /** Full names of plans of Backup for GKE, `projects/P/locations/L/backupPlans/B`. */
  readonly backupPlans: readonly string[];
  /** Addresses of groups. */
  readonly groups: readonly string[];
  /** Ids of secrets of Slipway's project by which services sign what they tell webhooks. */
  readonly webhookSecrets: readonly string[];
  /** Repositories that are shown on GitHub, as `build.source.repo` names them. */
  readonly shownRepositories: readonly string[];
};

/** How people are told what happens. */
export type NoticeSettings = {
  /** The installation's own channels, and of what of all services each is told. */
  readonly channels: readonly NotifyRule[];
  /** What a service has that says nothing of notices itself. */
  readonly defaults: readonly NotifyRule[];
  /** Where people reach the pages, if that is not the function's own address; null if it is. */
  readonly pages: string | null;
};

/** Before any specification was read. */
export const NOTHING_MENTIONED: Mentioned = {
  jobs: [],
  backupPlans: [],
  groups: [],
  webhookSecrets: [],
  shownRepositories: [],
};

/** The relay that takes mail. */
export type MailSettings = {
  /** Such as `smtp://smtp-relay.example.com:587`. */
  readonly relay: string;
  readonly from: string;
  /** Who speaks to the relay; null where it asks for nobody. */
  readonly user: string | null;
  /** The id of the secret with the password; null without a user. */
  readonly password: string | null;
  /** The domains that mail may go to. */
  readonly domains: readonly string[];
};

/** How people ask in Slack. The secrets are in Slipway's project. */
export type ChatSettings = {
  /** The id of the secret with what signs Slack's requests. */
  readonly signingSecret: string;
  /** The workspace, or the organization, whose people may ask. */
  readonly team: string;
  /** Items such as `U012AB3CD=ann@example.com`. */
  readonly people: readonly string[];
};

/** A collector of OpenTelemetry's that gets traces and numbers of Slipway itself. */
export type TelemetrySettings = {
  /** Its address, without `/v1/traces`. */
  readonly endpoint: string;
  /** The id of a secret in Slipway's project that has the headers for it; null: it asks for none. */
  readonly headersSecret: string | null;
};

/** What an installation is made for. */
export type Settings = {
  readonly project: string;
  readonly location: string;
  readonly registries: readonly Registry[];
  readonly environments: readonly EnvironmentProject[];
  /** The projects that have delivery pipelines. */
  readonly pipelineProjects: readonly string[];
  readonly people: People;
  /** Continuous integration's accounts that call the API. */
  readonly callers: readonly string[];
  /** Further audiences of tokens for the API, beside its own address. */
  readonly audiences: readonly string[];
  /** The project in which alerts of all environments are seen; null: each environment's own. */
  readonly incidentsProject: string | null;
  /** Notification channels for Slipway's own alerts. */
  readonly alertChannels: readonly string[];
  /** The id of the secret with the token of Slack's bot, in Slipway's project; null where Slack is not set up. */
  readonly slackToken: string | null;
  /** Null where no mail is sent. */
  readonly mail: MailSettings | null;
  /** Null where nobody asks in Slack. */
  readonly chat: ChatSettings | null;
  readonly notices: NoticeSettings;
  /** Null where promotions are not shown on GitHub. */
  readonly github: GithubSettings | null;
  /** Null: nobody is told of traces. */
  readonly telemetry: TelemetrySettings | null;
  readonly mentioned: Mentioned;
};

/** Every project that an installation touches; Slipway's own first. */
export function projectsOf(settings: Settings): readonly string[] {
  return [
    ...new Set([
      settings.project,
      ...settings.pipelineProjects,
      ...settings.registries.map(({ project }) => project),
      ...settings.environments.map(({ project }) => project),
      ...(settings.incidentsProject === null ? [] : [settings.incidentsProject]),
    ]),
  ];
}

/** The ids of the secrets by which webhooks know who speaks. */
export function signingSecrets({ notices, mentioned }: Settings): readonly string[] {
  const own = [...notices.channels, ...notices.defaults].flatMap(({ channel }) =>
    channel.kind === "webhook" ? [channel.secret] : [],
  );
  return [...new Set([...own, ...mentioned.webhookSecrets])];
}

/** The ids of the secrets that it takes to tell people, in Slipway's project. */
export function noticeSecrets(settings: Settings): readonly string[] {
  const { slackToken, mail, github } = settings;
  const shown = github === null ? [] : [githubSecret(github)];
  const named = [slackToken ?? [], mail?.password ?? [], shown, signingSecrets(settings)];
  return [...new Set(named.flat())];
}

/** The ids of all secrets of Slipway's project that functions read. */
export function ownSecrets(settings: Settings): readonly string[] {
  const { chat, telemetry } = settings;
  const headers = telemetry?.headersSecret ?? null;
  return [
    ...new Set([
      ...(chat === null ? [] : [chat.signingSecret]),
      ...noticeSecrets(settings),
      ...(headers === null ? [] : [headers]),
    ]),
  ];
}

/** The projects whose Cloud Monitoring tells Slipway of incidents. */
export function incidentProjects({ environments, incidentsProject }: Settings): readonly string[] {
  const all = environments.map(({ project }) => project);
  return [...new Set(incidentsProject === null ? all : [incidentsProject, ...all])];
}

/** Settings with what the cloud knows beside them. */
export type Platform = Settings & {
  /** Each project's number, which the names of service agents and functions have in them. */
  readonly numbers: ReadonlyMap<string, string>;
  /** The hash of what the functions are made of. */
  readonly bundleHash: string;
  /** Slipway's version, such as `0.1.0`. */
  readonly version: string;
};

/** The number of a project. @throws Error for a project that nobody looked up. */
export function numberOf(platform: Platform, project: string): string {
  const number = platform.numbers.get(project);
  if (number === undefined) {
    throw new Error(`the number of project ${project} is not known`);
  }
  return number;
}

import type { LocalFile } from "./local-file.ts";
import type { Official } from "./official/programs.ts";
import type { Pace } from "./pace.ts";

/** The one project in which the local cloud keeps its functions, topics, pipelines and images. */
export const LOCAL_PROJECT = "slipway-local";

/** The project's number, as notifications of Cloud Deploy name it. */
export const LOCAL_PROJECT_NUMBER = "100000000001";

/** The one location of the local cloud. */
export const LOCAL_LOCATION = "us-central1";

/** The Firestore database, which a shared project would keep apart from others in the same way. */
export const LOCAL_DATABASE = "slipway";

/** The repository for images. */
export const LOCAL_REPOSITORY = "apps";

/** The port of the first endpoint; the others follow. A port that is taken is replaced by a free one. */
export const PORT_FIRST = 8470;

/** The people of the local cloud, one for each role. */
export const LOCAL_PEOPLE = {
  viewer: "vera@example.com",
  deployer: "dana@example.com",
  approver: "alex@example.com",
  oncall: "oli@example.com",
} as const;

/** Who owns the local cloud's projects, and installs there. */
export const LOCAL_OWNER = "slipway-start@example.com";

/** What a token of gcloud's is for when a person asks for it, as in Google's cloud. */
export const GCLOUD_AUDIENCE = "32555940559.apps.googleusercontent.com";

/** The account whose tokens deliveries to the message functions carry. */
export const LOCAL_EVENTS_ACCOUNT = `slipway-events@${LOCAL_PROJECT}.iam.gserviceaccount.com`;

/** A role of the local cloud. */
export type LocalRole = keyof typeof LOCAL_PEOPLE;

/** The organization of the local cloud's people. */
export const LOCAL_ORGANIZATION = "example.com";

/** The groups that the samples name. */
export const LOCAL_GROUPS = [
  {
    email: "eng@example.com",
    members: ["dana@example.com", "alex@example.com", "oli@example.com"],
  },
  { email: "sre@example.com", members: ["alex@example.com", "oli@example.com"] },
  { email: "oncall@example.com", members: ["oli@example.com"] },
  { email: "logistics@example.com", members: ["dana@example.com"] },
  { email: "logistics-leads@example.com", members: ["alex@example.com"] },
] as const;

/** Who the owners are whom the samples name. */
export const LOCAL_OWNERS = { logistics: "group:logistics@example.com" } as const;

/** How the local cloud runs. */
export type LocalSettings = {
  /** Where the local cloud's description is written: the folder `.slipway` in it. */
  readonly directory: string;
  /** Whether everything is kept in `.slipway/data` over a restart. */
  readonly isKept: boolean;
  /** The first port; null takes whatever is free. */
  readonly portFirst: number | null;
  /** Whether nothing is installed yet: the projects are there, and whoever installs is to make the rest. */
  readonly isEmpty?: boolean;
  /** Where Google's emulators of documents and messages are, when they are to be used in place of ours. */
  readonly official?: Official | null;
  /** What is to be done once everything was begun anew: what follows the first start, too. */
  readonly afterReset?: (file: LocalFile) => Promise<void>;
  /** How long things take; `fast` when left out. */
  readonly pace?: Pace;
  /** Variables that are handed on to the functions beside those of whoever starts it. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether who sends no token is a developer, who may push images and no more, and not the owner of all of it. */
  readonly isSignedOut?: boolean;
};

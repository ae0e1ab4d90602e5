/** What the environment tells the command line. */
export type Settings = {
  /** The API's URL. */
  readonly api: string | null;
  /** An ID token for the API. */
  readonly token: string | null;
  /** Where the alerts of the environments' projects are. */
  readonly scopingProject: string | null;
  /** The file of Google's credentials that is named, if one is. */
  readonly credentialsFile: string | null;
  /** Whether colours are unwanted. Source: https://no-color.org */
  readonly isPlain: boolean;
  /** Where programs are looked for. */
  readonly path: string | null;
  /** Whether npm or npx runs the program. Source: https://docs.npmjs.com/cli/v11/using-npm/scripts#current-lifecycle-event */
  readonly isRunByNpm: boolean;
};

/** Reads the environment: the only place of the command line that does. */
export function readSettings(): Settings {
  return {
    api: filled("SLIPWAY_API"),
    token: filled("SLIPWAY_TOKEN"),
    scopingProject: filled("SLIPWAY_SCOPING_PROJECT"),
    credentialsFile: filled("GOOGLE_APPLICATION_CREDENTIALS"),
    isPlain: filled("NO_COLOR") !== null,
    path: filled("PATH"),
    isRunByNpm: filled("npm_lifecycle_event") !== null,
  };
}

/**
 * Keeps Google's clients from asking the metadata server for credentials, which takes seconds where there is
 * none. For the local cloud, which asks nobody who they are.
 * Source: https://github.com/googleapis/gcp-metadata#environment-variables
 */
export function skipMetadataServer(): void {
  process.env["METADATA_SERVER_DETECTION"] = "none";
}

function filled(name: string): string | null {
  const value = process.env[name] ?? "";
  return value === "" ? null : value;
}

/** google.cloud.sql.v1.BackupConfiguration in JSON, as far as the emulator reads it. */
export type BackupConfigurationJson = {
  readonly kind?: string;
  readonly enabled?: boolean;
  /** `HH:MM`, in UTC; the window begins then. */
  readonly startTime?: string;
  readonly location?: string;
  readonly binaryLogEnabled?: boolean;
  readonly pointInTimeRecoveryEnabled?: boolean;
  readonly transactionLogRetentionDays?: number;
  readonly backupRetentionSettings?: {
    readonly retentionUnit?: string;
    readonly retainedBackups?: number;
  };
  readonly backupTier?: string;
};

/** google.cloud.sql.v1.Settings in JSON, as far as the emulator reads it; other fields are kept. */
export type SettingsJson = {
  readonly kind?: string;
  readonly settingsVersion?: string;
  readonly tier?: string;
  readonly edition?: string;
  readonly activationPolicy?: string;
  readonly dataDiskSizeGb?: string;
  readonly backupConfiguration?: BackupConfigurationJson;
  readonly ipConfiguration?: { readonly ipv4Enabled?: boolean; readonly privateNetwork?: string };
  readonly deletionProtectionEnabled?: boolean;
  readonly userLabels?: Readonly<Record<string, string>>;
};

/** What callers can say about a google.cloud.sql.v1.DatabaseInstance, in JSON. */
export type InstanceJson = {
  readonly name?: string;
  readonly region?: string;
  readonly databaseVersion?: string;
  readonly masterInstanceName?: string;
  readonly gceZone?: string;
  readonly settings?: SettingsJson;
};

/** What a caller says about a google.cloud.sql.v1.BackupRun, in JSON. */
export type BackupRunJson = { readonly description?: string; readonly location?: string };

/** The fields of a request that name an instance. */
export type InstanceRequest = { readonly project?: string; readonly instance?: string };

/** Secrets, which may be replaced while the process runs. */
export type Secrets = {
  /** The newest value as it was read some minutes ago at most; null when there is none. @throws TransientError or PermanentError */
  readonly read: (name: string) => Promise<string | null>;
  /** The newest value, read anew: at most once in some seconds. @throws TransientError or PermanentError */
  readonly readAnew: (name: string) => Promise<string | null>;
};

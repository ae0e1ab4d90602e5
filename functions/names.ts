/** The functions' names: as deployed, and as their files are called. */
export const FUNCTION_NAMES = [
  "on-image-push",
  "on-deploy-notification",
  "on-incident",
  "on-tick",
  "on-work",
  "on-notice",
  "api",
  "web",
  "chat",
] as const;

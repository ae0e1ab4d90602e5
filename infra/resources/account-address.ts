/**
 * The address of a project's service account. A project of a domain, `example.com:web`, has accounts of
 * `web.example.com`.
 * Source: https://cloud.google.com/iam/docs/service-account-types#user-managed
 */
export function accountAddress(project: string, id: string): string {
  const [domain = "", own] = project.split(":");
  const host = own === undefined ? project : `${own}.${domain}`;
  return `${id}@${host}.iam.gserviceaccount.com`;
}

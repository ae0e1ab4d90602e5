/** How an account comes to be that is named and not there. */
export function accountAdvice(email: string, project: string): string {
  const [id = email] = email.split("@");
  return `gcloud iam service-accounts create ${id} --project=${project}, or correct it in the installation's file or the service's specification`;
}

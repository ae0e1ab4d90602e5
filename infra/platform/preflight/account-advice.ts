import { accountThing } from "./thing.ts";

/** How an account comes to be that is named and not there. */
export function accountAdvice(email: string, project: string): string {
  const { make } = accountThing(email, project);
  return `${make}, or correct it in the installation's file or the service's specification`;
}

/** The addresses of the groups among principals, each once; `team=group:a@example.com` names one too. */
export function groupsIn(principals: readonly string[]): readonly string[] {
  return [
    ...new Set(
      principals.flatMap((one) => {
        const email = /(?:^|=)\s*group:(?<email>.+)$/.exec(one)?.groups?.["email"];
        return email === undefined ? [] : [email.trim().toLowerCase()];
      }),
    ),
  ];
}
